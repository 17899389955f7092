//! Draws the tray icon: a tile with the count and a mark at its corner: a dot if a session is stale, a triangle if one
//! waits for a person.
//!
//! Guarantees: the same badge and size give the same pixels. Any text can be drawn. The contrast of the count against
//! its tile is at least 4.5 to 1. The mark changes only the corner, and its shape tells its meaning without colour. The tile is its own background, because a panel does
//! not expose its colour. Does not decide the text (`headcount_core::view::tray::badge`), reads no file and no font.

mod glyph;
mod icon_metrics;
mod pen;
mod straight_glyphs;
#[cfg(any(target_os = "macos", test))]
mod template;

use headcount_core::view::tray::badge::{Badge, Mark};
use tiny_skia::{
    BlendMode, Color, FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, PremultipliedColorU8, Rect, Stroke,
    Transform,
};

use icon_metrics::Cut;
#[cfg(target_os = "macos")]
pub(crate) use template::template;

/// The icon sizes that Linux panels request, in pixels: 16, 22, 24 and 32, also at 125 %, 150 % and 200 %.
#[cfg(any(target_os = "linux", test))]
pub(crate) const SIZES: [u32; 10] = [16, 20, 22, 24, 28, 32, 40, 44, 48, 64];

/// The largest size that is drawn: no panel shows more, and an invalid size must not allocate gigabytes.
const MAX_SIZE: u32 = 1024;

/// The opacity of an icon for a possibly outdated state.
const QUIET: f32 = 0.66;

/// The dot for stale sessions. This orange has a contrast of 3 to 1 against white and against black.
const DOT: [u8; 3] = [0xdc, 0x6c, 0x04];

/// The triangle for sessions that wait. This blue has a contrast of 3 to 1 against white and against black.
const TRIANGLE: [u8; 3] = [0x2f, 0x86, 0xf2];

/// The colours of one tile.
struct Palette {
    tile: [u8; 3],
    edge: [u8; 3],
    ink: [u8; 3],
}

/// At least one session runs.
const RUNNING: Palette = Palette { tile: [0x0f, 0x7b, 0x52], edge: [0x3d, 0x9a, 0x76], ink: [0xff; 3] };
/// No session runs, or the count is unknown.
const CALM: Palette = Palette { tile: [0x5a, 0x61, 0x68], edge: [0x7c, 0x83, 0x8a], ink: [0xf0; 3] };
/// The outdated form of `RUNNING`. Darker, because a light panel shines through and would reduce the contrast of the
/// digits.
const RUNNING_OUTDATED: Palette = Palette { tile: [0x16, 0x36, 0x28], edge: [0x54, 0x74, 0x66], ink: [0xff; 3] };
/// The outdated form of `CALM`.
const CALM_OUTDATED: Palette = Palette { tile: [0x24, 0x29, 0x2e], edge: [0x60, 0x65, 0x6a], ink: [0xff; 3] };

/// The icon as non-premultiplied RGBA rows, `size` × `size` pixels. Empty for a size of 0 or above 1024.
#[must_use]
pub(crate) fn draw(badge: &Badge, size: u32) -> Vec<u8> {
    let wanted = (size <= MAX_SIZE).then_some(size);
    let Some(mut canvas) = wanted.and_then(|size| Pixmap::new(size, size)) else {
        return Vec::new();
    };
    let cut = Cut::of(size);
    let text = glyph::readable(&badge.text);
    let colours = palette(text, badge.quiet);
    tile(&mut canvas, &cut, colours);
    for outline in glyph::outlines(text, &cut) {
        fill(&mut canvas, &outline, colours.ink);
    }
    match badge.mark {
        Some(Mark::Stale) => dot(&mut canvas, &cut),
        Some(Mark::Waiting) => triangle(&mut canvas, &cut),
        None => {}
    }
    let strength = if badge.quiet { QUIET } else { 1.0 };
    let straight = |pixel: &PremultipliedColorU8| {
        let pixel = pixel.demultiply();
        let alpha = (f32::from(pixel.alpha()) * strength).round() as u8;
        [pixel.red(), pixel.green(), pixel.blue(), alpha]
    };
    canvas.pixels().iter().flat_map(straight).collect()
}

/// The same rows as ARGB32 in network byte order, the format of `StatusNotifierItem` pixmaps.
#[cfg(target_os = "linux")]
#[must_use]
pub(crate) fn argb(mut rgba: Vec<u8>) -> Vec<u8> {
    for pixel in rgba.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    rgba
}

fn palette(text: &str, quiet: bool) -> &'static Palette {
    let is_running = text.starts_with(|first: char| matches!(first, '1'..='9'));
    match (is_running, quiet) {
        (true, false) => &RUNNING,
        (false, false) => &CALM,
        (true, true) => &RUNNING_OUTDATED,
        (false, true) => &CALM_OUTDATED,
    }
}

fn tile(canvas: &mut Pixmap, cut: &Cut, colours: &Palette) {
    let (side, corner, edge) = (cut.side(), cut.corner(), cut.edge());
    let outer = rounded(0.0, cut.peek, side, corner);
    let inner = rounded(edge, cut.peek + edge, side - 2.0 * edge, (corner - edge).max(0.0));
    for (path, colour) in [(outer, colours.edge), (inner, colours.tile)] {
        if let Some(path) = path {
            fill(canvas, &path, colour);
        }
    }
}

/// The ring is erased, not painted, so that the dot is separated from the tile on a panel of any colour.
fn dot(canvas: &mut Pixmap, cut: &Cut) {
    let (x, y) = (canvas.width() as f32 - cut.dot, cut.dot);
    if let Some(ring) = PathBuilder::from_circle(x, y, cut.dot + cut.ring) {
        let paint = Paint { blend_mode: BlendMode::Clear, ..Paint::default() };
        canvas.fill_path(&ring, &paint, FillRule::Winding, Transform::identity(), None);
    }
    if let Some(dot) = PathBuilder::from_circle(x, y, cut.dot) {
        fill(canvas, &dot, DOT);
    }
}

/// A triangle that fills the corner, with its long side towards the digits, and with the dot's ring.
fn triangle(canvas: &mut Pixmap, cut: &Cut) {
    let (right, width) = (canvas.width() as f32, cut.triangle());
    let mut path = PathBuilder::new();
    path.move_to(right - width, 0.0);
    path.line_to(right, 0.0);
    path.line_to(right, width);
    path.close();
    let Some(path) = path.finish() else { return };
    let paint = Paint { blend_mode: BlendMode::Clear, ..Paint::default() };
    let ring = Stroke { width: 2.0 * cut.ring, line_join: LineJoin::Round, ..Stroke::default() };
    canvas.stroke_path(&path, &paint, &ring, Transform::identity(), None);
    canvas.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
    fill(canvas, &path, TRIANGLE);
}

fn fill(canvas: &mut Pixmap, path: &Path, [red, green, blue]: [u8; 3]) {
    let mut paint = Paint::default();
    paint.set_color(Color::from_rgba8(red, green, blue, 0xff));
    canvas.fill_path(path, &paint, FillRule::Winding, Transform::identity(), None);
}

/// A square with rounded corners slightly fuller than quarter circles.
fn rounded(x: f32, y: f32, side: f32, corner: f32) -> Option<Path> {
    let rect = Rect::from_xywh(x, y, side, side)?;
    let (left, top, right, bottom) = (rect.left(), rect.top(), rect.right(), rect.bottom());
    // The distance of the curve's control points from the corner; a circle's would be 0.448.
    let near = corner * 0.40;
    let mut path = PathBuilder::new();
    path.move_to(left + corner, top);
    path.line_to(right - corner, top);
    path.cubic_to(right - near, top, right, top + near, right, top + corner);
    path.line_to(right, bottom - corner);
    path.cubic_to(right, bottom - near, right - near, bottom, right - corner, bottom);
    path.line_to(left + corner, bottom);
    path.cubic_to(left + near, bottom, left, bottom - near, left, bottom - corner);
    path.line_to(left, top + corner);
    path.cubic_to(left, top + near, left + near, top, left + corner, top);
    path.close();
    path.finish()
}

#[cfg(test)]
mod tests;
