//! The characters of a badge as outlines: digits, "+", "?" and "…".
//!
//! Guarantees: any text has outlines inside the tile. An unknown character and a text too long to be read become "?".
//! Uses no font, because the available fonts and their rendering at 16 pixels differ between machines. Does not colour.

use tiny_skia::{Path, PathBuilder, Rect, Transform};

use super::icon_metrics::{Cut, Face};
use super::pen::Pen;
use super::straight_glyphs;

/// The longest text that is readable in a tray.
const MAX_CHARS: usize = 3;

/// The text itself, or "?" when it is too long.
pub(super) fn readable(text: &str) -> &str {
    if text.chars().nth(MAX_CHARS).is_some() { "?" } else { text }
}

/// The outlines of a readable text, centred on the tile.
pub(super) fn outlines(text: &str, cut: &Cut) -> Vec<Path> {
    let face = match text {
        // A count of zero is drawn with thinner strokes, because it needs no attention.
        "0" => cut.face(1).light(),
        _ => cut.face(text.chars().count()),
    };
    let widths: f32 = text.chars().map(|character| advance(face, character) + face.gap).sum();
    let mut x = ((cut.side() - (widths - face.gap)) / 2.0).floor();
    // A remaining pixel goes above the text, away from the mark.
    let y = cut.peek + ((cut.side() - face.height) / 2.0).ceil();
    let mut outlines = Vec::new();
    for character in text.chars() {
        let place = Transform::from_translate(x, y);
        outlines.extend(draw(face, character).into_iter().filter_map(|path| path.transform(place)));
        x += advance(face, character) + face.gap;
    }
    outlines
}

/// The width of a character.
fn advance(face: Face, character: char) -> f32 {
    match character {
        '1' => straight_glyphs::narrow(face),
        '+' => face.across + 2.0 * arm(face),
        '…' => 3.0 * dot_width(face) + 2.0 * dot_gap(face),
        _ => face.width,
    }
}

fn draw(face: Face, character: char) -> Vec<Path> {
    let mut pen = Pen::new(face);
    let (left, right, centre) = (pen.left(), pen.right(), pen.centre());
    let (top, middle, bottom) = (pen.top(), pen.middle(), pen.bottom());
    match character {
        '0' => pen.ring(top, bottom),
        '1' => return straight_glyphs::one(face).into_iter().collect(),
        '2' => {
            hook(&mut pen);
            pen.curve((right, middle), (left, f32::midpoint(middle, bottom)), (left, bottom));
            pen.line(face.width, bottom);
        }
        '3' => {
            pen.start(0.0, top);
            pen.line(centre, top);
            pen.bowl(top, middle);
            pen.line(f32::midpoint(left, centre), middle);
            pen.start(centre, middle);
            pen.bowl(middle, bottom);
            pen.line(0.0, bottom);
        }
        '4' => return straight_glyphs::four(face).into_iter().collect(),
        '5' => {
            pen.start(face.width, top);
            pen.line(left, top);
            pen.line(left, middle);
            pen.line(centre, middle);
            pen.bowl(middle, bottom);
            pen.line(0.0, bottom);
        }
        '6' => six(&mut pen),
        '7' => return straight_glyphs::seven(face).into_iter().collect(),
        '8' => {
            pen.ring(top, middle);
            pen.ring(middle, bottom);
        }
        '9' => {
            pen.turn();
            six(&mut pen);
        }
        '+' => {
            let (side, reach) = (advance(face, '+'), arm(face) + face.down / 2.0);
            pen.start(0.0, middle);
            pen.line(side, middle);
            pen.start(side / 2.0, middle - reach);
            pen.line(side / 2.0, middle + reach);
        }
        '…' => return ellipsis(face),
        _ => return question(pen),
    }
    pen.outline().into_iter().collect()
}

/// The upper end of "2" and "?".
fn hook(pen: &mut Pen) {
    let (top, middle) = (pen.top(), pen.middle());
    pen.start(pen.left(), top + (middle - top) * 0.6);
    pen.upright(pen.centre(), top);
    pen.level(pen.right(), f32::midpoint(top, middle));
}

fn six(pen: &mut Pen) {
    let (left, top, middle, bottom) = (pen.left(), pen.top(), pen.middle(), pen.bottom());
    let (round, drop) = pen.bend(bottom - top);
    pen.start(pen.right(), top);
    pen.line(left + round, top);
    pen.level(left, top + drop);
    pen.line(left, f32::midpoint(middle, bottom));
    pen.ring(middle, bottom);
}

fn question(mut pen: Pen) -> Vec<Path> {
    let Face { width, height, across, down, .. } = pen.face;
    let stem = ((width - across) / 2.0).ceil();
    let foot = height - down - (down / 2.0).ceil();
    let (right, middle) = (pen.right(), pen.middle());
    hook(&mut pen);
    let axis = stem + across / 2.0;
    pen.curve((right, middle), (axis, middle - down * 0.2), (axis, foot));
    let dot = Rect::from_xywh(stem, height - down, across, down).map(PathBuilder::from_rect);
    pen.outline().into_iter().chain(dot).collect()
}

fn ellipsis(face: Face) -> Vec<Path> {
    let (radius, step) = (dot_width(face) / 2.0, dot_width(face) + dot_gap(face));
    let y = ((face.height - dot_width(face)) / 2.0).floor() + radius;
    let centres = [radius, radius + step, radius + 2.0 * step];
    centres.into_iter().filter_map(|x| PathBuilder::from_circle(x, y, radius)).collect()
}

/// The length of one arm of "+".
fn arm(face: Face) -> f32 {
    ((face.width - face.across) / 2.0).floor()
}

/// The width of one dot of "…".
fn dot_width(face: Face) -> f32 {
    face.across + 1.0
}

/// The gap between two dots of "…".
fn dot_gap(face: Face) -> f32 {
    (dot_width(face) / 2.0).floor().max(1.0)
}
