//! Tests of the tray icon by its pixels. They do not check whether it looks good.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;

use super::{SIZES, draw};
use headcount_core::view::tray::badge::{Badge, Mark};

const LIGHT: [u8; 3] = [0xff; 3];
const BLACK: [u8; 3] = [0x00; 3];

fn badge(text: &str, mark: impl Into<Option<Mark>>, quiet: bool) -> Badge {
    Badge { text: text.to_owned(), mark: mark.into(), quiet }
}

const MARKS: [Mark; 2] = [Mark::Stale, Mark::Waiting];

fn drawn(text: &str, size: u32) -> Vec<u8> {
    draw(&badge(text, None, false), size)
}

/// All texts that real badges contain.
fn texts() -> Vec<String> {
    (0..100).map(|count| count.to_string()).chain(["99+", "?", "…"].map(str::to_owned)).collect()
}

/// The centre of the icon as composed on a panel: digits and tile, without edge and dot.
fn middle(rgba: &[u8], size: u32, panel: [u8; 3]) -> Vec<[u8; 3]> {
    let size = size as usize;
    let inside = |at: usize| at > size / 4 && at < size * 3 / 4;
    let pixels = rgba.chunks_exact(4).enumerate();
    pixels
        .filter(|(at, _)| inside(at % size) && inside(at / size))
        .map(|(_, pixel)| {
            let [red, green, blue, alpha] = pixel.try_into().unwrap();
            let over = |front: u8, back: u8| {
                let sum = u32::from(front) * u32::from(alpha) + u32::from(back) * (255 - u32::from(alpha));
                u8::try_from((sum + 127) / 255).unwrap()
            };
            [over(red, panel[0]), over(green, panel[1]), over(blue, panel[2])]
        })
        .collect()
}

/// Relative luminance as WCAG 2 defines it.
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn the_icon_fills_its_square_at_every_size() {
    for size in SIZES.into_iter().chain([1, 2, 3, 18, 30, 256]) {
        assert_eq!(drawn("12", size).len(), (size * size * 4) as usize, "{size}");
    }
}

#[test]
fn sizes_of_zero_and_above_the_limit_draw_nothing() {
    assert!(drawn("3", 0).is_empty());
    assert!(drawn("3", u32::MAX).is_empty());
}

#[test]
fn every_count_looks_different() {
    for size in SIZES {
        let mut seen = HashMap::new();
        for text in texts() {
            if let Some(other) = seen.insert(drawn(&text, size), text.clone()) {
                panic!("{text} looks like {other} at {size}");
            }
        }
    }
}

#[test]
fn drawing_is_deterministic() {
    assert!(drawn("27", 22) == drawn("27", 22));
}

#[test]
fn the_mark_changes_only_the_corner() {
    for size in SIZES {
        for (text, mark) in texts().into_iter().flat_map(|text| MARKS.map(|mark| (text.clone(), mark))) {
            let (plain, marked) = (drawn(&text, size), draw(&badge(&text, mark, false), size));
            let pairs = plain.chunks_exact(4).zip(marked.chunks_exact(4)).enumerate();
            let changed: Vec<usize> = pairs.filter(|(_, (one, other))| one != other).map(|(at, _)| at).collect();
            let size = size as usize;
            assert!(changed.len() > size, "{text} at {size}: {mark:?} must be seen");
            for at in changed {
                let (x, y) = (at % size, at / size);
                assert!(x >= size / 2 && y < size / 2, "{text} at {size}: ({x}, {y})");
            }
        }
    }
}

#[test]
fn a_clear_ring_separates_the_mark_from_the_tile() {
    for (size, mark) in SIZES.into_iter().flat_map(|size| MARKS.map(|mark| (size, mark))) {
        let rgba = draw(&badge("8", mark, false), size);
        let row = rgba.chunks_exact(size as usize * 4).nth(size as usize / 6).unwrap();
        let alphas: Vec<u8> = row.chunks_exact(4).map(|pixel| pixel[3]).collect();
        let clear = alphas.iter().skip(size as usize / 2).min().unwrap();
        assert!(*clear < 0x60, "{mark:?} at {size}: {alphas:?}");
    }
}

#[test]
fn digits_stand_out_from_their_tile_on_any_panel() {
    for size in SIZES {
        for text in ["0", "3", "8", "12", "88", "99+", "?", "…"] {
            for quiet in [false, true] {
                for panel in [LIGHT, BLACK] {
                    let pixels = middle(&draw(&badge(text, None, quiet), size), size, panel);
                    let lights: Vec<f64> = pixels.into_iter().map(luminance).collect();
                    let ink = lights.iter().copied().fold(0.0, f64::max);
                    let tile = lights.iter().copied().fold(1.0, f64::min);
                    let found = contrast(ink, tile);
                    assert!(found >= 4.5, "{text} at {size}, quiet {quiet}, {panel:?}: {found:.2}");
                }
            }
        }
    }
}

#[test]
fn the_marks_contrast_with_any_panel() {
    for (panel, mark) in
        [LIGHT, BLACK].into_iter().flat_map(|panel| [super::DOT, super::TRIANGLE].map(|mark| (panel, mark)))
    {
        assert!(contrast(luminance(mark), luminance(panel)) >= 3.0, "{mark:?} on {panel:?}");
    }
}

/// Without colour: of the pixels of both marks, at least a quarter belongs to one of them only.
#[test]
fn the_marks_differ_by_their_shape() {
    for size in SIZES {
        let filled = |mark| -> Vec<bool> {
            let marked = draw(&badge("3", mark, false), size);
            let colour = if mark == Mark::Stale { super::DOT } else { super::TRIANGLE };
            let is_near = |pixel: &[u8]| {
                pixel[3] > 0x80 && pixel.iter().zip(colour).all(|(part, wanted)| part.abs_diff(wanted) < 0x40)
            };
            marked.chunks_exact(4).map(is_near).collect()
        };
        let pairs: Vec<_> = filled(Mark::Stale).into_iter().zip(filled(Mark::Waiting)).collect();
        let either = pairs.iter().filter(|(dot, triangle)| *dot || *triangle).count();
        let differing = pairs.iter().filter(|(dot, triangle)| dot != triangle).count();
        assert!(either > 0 && differing * 4 >= either, "at {size}: {differing} of {either}");
    }
}

#[test]
fn zero_is_less_colourful_than_a_count() {
    let colourful = |text: &str, size| {
        let spread = |pixel: &[u8]| {
            let [red, green, blue, _] = pixel.try_into().unwrap();
            u32::from(red.max(green).max(blue) - red.min(green).min(blue))
        };
        drawn(text, size).chunks_exact(4).map(spread).sum::<u32>()
    };
    for size in SIZES {
        assert!(colourful("0", size) * 4 < colourful("3", size), "{size}");
    }
}

#[test]
fn an_outdated_state_is_fainter_with_the_same_shape() {
    for size in SIZES {
        let (now, old) = (drawn("7", size), draw(&badge("7", None, true), size));
        for (now, old) in now.chunks_exact(4).zip(old.chunks_exact(4)) {
            assert_eq!(now[3] == 0, old[3] == 0);
            assert!(old[3] < 0xc0, "{old:?}");
        }
    }
}

#[test]
fn any_text_can_be_drawn() {
    let long = "9".repeat(10_000);
    let strange = ["", " ", "\0", "\u{202e}3", "a\u{301}", "👩‍💻", "٣", "-1", "+", "++", "…?…", &long];
    for size in (0..=70).chain([255]) {
        for text in strange {
            for quiet in [false, true] {
                let rgba = draw(&badge(text, Mark::Waiting, quiet), size);
                assert_eq!(rgba.len(), (size * size * 4) as usize, "{text:?} at {size}");
            }
        }
    }
    assert!(drawn("x", 22) == drawn("?", 22), "an unknown character");
    assert!(drawn(&long, 22) == drawn("?", 22), "a long text");
}

#[cfg(target_os = "linux")]
#[test]
fn argb_puts_alpha_first() {
    assert_eq!(super::argb(vec![1, 2, 3, 4, 5, 6, 7, 8]), [4, 1, 2, 3, 8, 5, 6, 7]);
}
