//! Draws the icon for macOS's menu bar: a template image, of which the system uses only the opacity, so that it follows
//! light, dark and tinted bars. The count is not in it: it is the title beside the icon, in the system's font.
//!
//! Guarantees: black pixels only; the same mark and size give the same pixels. The marks have the shapes of the coloured
//! icon's.

use headcount_core::view::tray::badge::{Badge, Mark};
use tiny_skia::{BlendMode, LineCap, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use super::icon_metrics::Cut;
use super::{MAX_SIZE, QUIET, dot, fill, triangle};

/// The side length of `icons/headcount-symbolic.svg`, whose measures are used here.
const GRID: f32 = 16.0;

/// The middles of the four figures.
const FIGURES: [f32; 4] = [2.0, 6.0, 10.0, 14.0];

/// The icon of a badge as RGBA rows, `size` × `size` pixels. Empty for a size of 0 or above 1024.
#[must_use]
pub(crate) fn template(badge: &Badge, size: u32) -> Vec<u8> {
    let wanted = (size <= MAX_SIZE).then_some(size);
    let Some(mut canvas) = wanted.and_then(|size| Pixmap::new(size, size)) else {
        return Vec::new();
    };
    let unit = size as f32 / GRID;
    for middle in FIGURES {
        if let Some(head) = PathBuilder::from_circle(middle * unit, 2.5 * unit, 1.5 * unit) {
            fill(&mut canvas, &head, [0; 3]);
        }
        line(&mut canvas, (middle, 6.0), (middle, 14.0), 2.0, unit, BlendMode::SourceOver);
    }
    // The stroke across the four is separated from them by a gap.
    for (width, mode) in [(3.2, BlendMode::Clear), (1.6, BlendMode::SourceOver)] {
        line(&mut canvas, (1.0, 11.1), (15.0, 7.9), width, unit, mode);
    }
    let cut = Cut::of(size);
    match badge.mark {
        Some(Mark::Stale) => dot(&mut canvas, &cut),
        Some(Mark::Waiting) => triangle(&mut canvas, &cut),
        None => {}
    }
    let strength = if badge.quiet { QUIET } else { 1.0 };
    canvas.pixels().iter().flat_map(|pixel| [0, 0, 0, (f32::from(pixel.alpha()) * strength).round() as u8]).collect()
}

/// Draws a line with round ends, measured in units.
fn line(canvas: &mut Pixmap, from: (f32, f32), to: (f32, f32), width: f32, unit: f32, blend_mode: BlendMode) {
    let path = |mut path: PathBuilder| -> Option<Path> {
        path.move_to(from.0 * unit, from.1 * unit);
        path.line_to(to.0 * unit, to.1 * unit);
        path.finish()
    };
    if let Some(path) = path(PathBuilder::new()) {
        let stroke = Stroke { width: width * unit, line_cap: LineCap::Round, ..Stroke::default() };
        let paint = Paint { blend_mode, ..Paint::default() };
        canvas.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(mark: Option<Mark>, quiet: bool, size: u32) -> Vec<u8> {
        template(&Badge { text: "3".into(), mark, quiet }, size)
    }

    #[test]
    fn only_opacity_is_used() {
        for mark in [None, Some(Mark::Stale), Some(Mark::Waiting)] {
            let pixels = drawn(mark, false, 44);
            assert_eq!(pixels.len(), 44 * 44 * 4);
            assert!(pixels.chunks_exact(4).all(|pixel| matches!(pixel, [0, 0, 0, _])), "{mark:?}");
            let opaque = pixels.chunks_exact(4).filter(|pixel| matches!(pixel, [.., 0xff])).count();
            assert!((44 * 44 / 8..44 * 44 / 2).contains(&opaque), "{mark:?}: {opaque}");
        }
        assert!(drawn(None, false, 0).is_empty() && drawn(None, false, 5000).is_empty());
    }

    #[test]
    fn marks_have_their_own_shapes_in_the_corner() {
        let [none, stale, waiting] = [None, Some(Mark::Stale), Some(Mark::Waiting)].map(|mark| drawn(mark, false, 44));
        assert_ne!(stale, waiting);
        for marked in [stale, waiting] {
            let is_other = |at: &usize| none.get(at * 4 + 3) != marked.get(at * 4 + 3);
            let changed: Vec<usize> = (0..44 * 44).filter(is_other).collect();
            assert!(!changed.is_empty() && changed.iter().all(|at| at % 44 >= 22 && at / 44 < 22), "{changed:?}");
        }
    }

    #[test]
    fn an_outdated_icon_is_fainter() {
        let strongest = |pixels: Vec<u8>| pixels.into_iter().max();
        assert!(strongest(drawn(None, true, 44)) < strongest(drawn(None, false, 44)));
    }
}
