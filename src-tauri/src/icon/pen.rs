//! A pen that strokes characters. Its vertical and horizontal strokes may differ in thickness.
//!
//! Guarantees: a straight stroke along `left`, `right`, `top`, `middle` or `bottom` fills whole pixels if the face's
//! lengths are whole. Contains no characters.

use tiny_skia::{LineCap, LineJoin, Path, PathBuilder, Stroke, Transform};

use super::icon_metrics::Face;

/// The control-point distance of a quarter turn. A circle's is 0.552; a larger one leaves more white in small loops.
const FULL: f32 = 0.6;

/// Draws in the box of one character, from (0, 0) to the face's width and height.
pub(super) struct Pen {
    pub(super) face: Face,
    path: PathBuilder,
    at: (f32, f32),
    turned: bool,
}

/// Positions of the pen's centre at which the stroke stays inside the box.
impl Pen {
    pub(super) fn left(&self) -> f32 {
        self.face.across / 2.0
    }

    pub(super) fn right(&self) -> f32 {
        self.face.width - self.face.across / 2.0
    }

    pub(super) fn top(&self) -> f32 {
        self.face.down / 2.0
    }

    pub(super) fn bottom(&self) -> f32 {
        self.face.height - self.face.down / 2.0
    }

    /// If the two halves cannot be equal, the lower one is larger, which makes a digit look stable.
    pub(super) fn middle(&self) -> f32 {
        ((self.face.height - self.face.down) / 2.0).floor() + self.face.down / 2.0
    }

    pub(super) fn centre(&self) -> f32 {
        self.face.width / 2.0
    }
}

impl Pen {
    pub(super) fn new(face: Face) -> Self {
        Self { face, path: PathBuilder::new(), at: (0.0, 0.0), turned: false }
    }

    /// Rotates everything drawn from here on by 180 degrees.
    pub(super) fn turn(&mut self) {
        self.turned = true;
    }

    pub(super) fn start(&mut self, x: f32, y: f32) {
        self.at = (x, y);
        let (x, y) = self.place(self.at);
        self.path.move_to(x, y);
    }

    pub(super) fn line(&mut self, x: f32, y: f32) {
        self.at = (x, y);
        let (x, y) = self.place(self.at);
        self.path.line_to(x, y);
    }

    pub(super) fn curve(&mut self, one: (f32, f32), two: (f32, f32), to: (f32, f32)) {
        self.at = to;
        let (one, two, to) = (self.place(one), self.place(two), self.place(to));
        self.path.cubic_to(one.0, one.1, two.0, two.1, to.0, to.1);
    }

    /// A quarter turn that starts horizontally and ends vertically.
    pub(super) fn level(&mut self, x: f32, y: f32) {
        let (from_x, from_y) = self.at;
        let one = (from_x + (x - from_x) * FULL, from_y);
        self.curve(one, (x, y - (y - from_y) * FULL), (x, y));
    }

    /// A quarter turn that starts vertically and ends horizontally.
    pub(super) fn upright(&mut self, x: f32, y: f32) {
        let (from_x, from_y) = self.at;
        let one = (from_x, from_y + (y - from_y) * FULL);
        self.curve(one, (x - (x - from_x) * FULL, y), (x, y));
    }

    /// A closed loop as wide as the character.
    pub(super) fn ring(&mut self, top: f32, bottom: f32) {
        let (left, right) = (self.left(), self.right());
        let (round, drop) = self.bend(bottom - top);
        self.start(left + round, top);
        self.line(right - round, top);
        self.level(right, top + drop);
        self.line(right, bottom - drop);
        self.upright(right - round, bottom);
        self.line(left + round, bottom);
        self.level(left, bottom - drop);
        self.line(left, top + drop);
        self.upright(left + round, top);
        self.path.close();
    }

    /// A half loop: from the current position to the right side and back.
    pub(super) fn bowl(&mut self, top: f32, bottom: f32) {
        let (back, right) = (self.at.0, self.right());
        let (round, drop) = self.bend(bottom - top);
        self.line(right - round, top);
        self.level(right, top + drop);
        self.line(right, bottom - drop);
        self.upright(right - round, bottom);
        self.line(back, bottom);
    }

    /// The horizontal and the vertical extent of a loop's bends, for a loop of this height.
    pub(super) fn bend(&self, height: f32) -> (f32, f32) {
        let half = (self.face.width - self.face.across) / 2.0;
        let drop = (height / 2.0).min(half * 1.3);
        (half.min(drop * 1.1), drop)
    }

    /// The drawn strokes as an outline to be filled.
    pub(super) fn outline(self) -> Option<Path> {
        let Face { across, down, .. } = self.face;
        let stroke = Stroke { width: across, line_cap: LineCap::Butt, line_join: LineJoin::Miter, ..Stroke::default() };
        self.path.finish()?.stroke(&stroke, 4.0)?.transform(Transform::from_scale(1.0, down / across))
    }

    /// Stretches vertically, so that one round pen produces both thicknesses; `outline` reverses it.
    fn place(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let Face { width, height, across, down, .. } = self.face;
        let (x, y) = if self.turned { (width - x, height - y) } else { (x, y) };
        (x, y * across / down)
    }
}
