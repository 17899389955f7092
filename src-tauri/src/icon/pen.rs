//! The pen that draws characters: strokes whose upright and level parts may differ in thickness.
//!
//! Promises: a straight stroke that runs along `left`, `right`, `top`, `middle` or `bottom` fills whole pixels when
//! the face's lengths are whole. Does not know any character.

use tiny_skia::{LineCap, LineJoin, Path, PathBuilder, Stroke, Transform};

use super::icon_metrics::Face;

/// How full a quarter turn is. A circle's is 0.552; fuller leaves more white in small loops.
const FULL: f32 = 0.6;

/// Draws in the box of one character, from (0, 0) to the face's width and height.
pub(super) struct Pen {
    pub(super) face: Face,
    path: PathBuilder,
    at: (f32, f32),
    turned: bool,
}

/// Where the middle of the pen runs so that the stroke stays inside the box.
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

    /// Where the two halves cannot be equal, the lower one is the larger: so a digit stands firmly.
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

    /// From here on draws standing on its head.
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

    /// A quarter turn that leaves level and arrives upright.
    pub(super) fn level(&mut self, x: f32, y: f32) {
        let (from_x, from_y) = self.at;
        let one = (from_x + (x - from_x) * FULL, from_y);
        self.curve(one, (x, y - (y - from_y) * FULL), (x, y));
    }

    /// A quarter turn that leaves upright and arrives level.
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

    /// A half loop: from here to the right side and back.
    pub(super) fn bowl(&mut self, top: f32, bottom: f32) {
        let (back, right) = (self.at.0, self.right());
        let (round, drop) = self.bend(bottom - top);
        self.line(right - round, top);
        self.level(right, top + drop);
        self.line(right, bottom - drop);
        self.upright(right - round, bottom);
        self.line(back, bottom);
    }

    /// How far a loop of this height bends in from its side, and down from its top.
    pub(super) fn bend(&self, height: f32) -> (f32, f32) {
        let half = (self.face.width - self.face.across) / 2.0;
        let drop = (height / 2.0).min(half * 1.3);
        (half.min(drop * 1.1), drop)
    }

    /// What was drawn, as an outline to be filled.
    pub(super) fn outline(self) -> Option<Path> {
        let Face { across, down, .. } = self.face;
        let stroke = Stroke { width: across, line_cap: LineCap::Butt, line_join: LineJoin::Miter, ..Stroke::default() };
        self.path.finish()?.stroke(&stroke, 4.0)?.transform(Transform::from_scale(1.0, down / across))
    }

    /// Stretched, because one round pen then does for both thicknesses; `outline` takes it back.
    fn place(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let Face { width, height, across, down, .. } = self.face;
        let (x, y) = if self.turned { (width - x, height - y) } else { (x, y) };
        (x, y * across / down)
    }
}
