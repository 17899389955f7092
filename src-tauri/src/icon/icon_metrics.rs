//! The proportions of the tray icon. Each size has its own measures (like optical sizes of a font) instead of one
//! scaled drawing.
//!
//! Guarantees: at a listed size the lengths of tile and digits are whole pixels, so stems and bars are crisp. Any other
//! size is the next smaller one, enlarged and rounded. Does not draw.

/// The measures of one size, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    size: u32,
    /// The tile's distance from the top and the right edge of the icon. The dot reaches over the tile's corner into
    /// this margin, which keeps it off the digits.
    pub(super) peek: f32,
    /// The dot's radius.
    pub(super) dot: f32,
    /// The width of the transparent ring around the dot.
    pub(super) ring: f32,
    /// The faces for one, two and three characters.
    faces: [Face; 3],
}

/// The measures of the digits for one length of text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Face {
    /// A digit's width.
    pub(super) width: f32,
    /// A digit's height.
    pub(super) height: f32,
    /// The thickness of vertical strokes.
    pub(super) across: f32,
    /// The thickness of horizontal strokes.
    pub(super) down: f32,
    /// The gap between two characters.
    pub(super) gap: f32,
}

const fn cut(size: u32, peek: f32, dot: f32, ring: f32, faces: [Face; 3]) -> Cut {
    Cut { size, peek, dot, ring, faces }
}

const fn face(width: f32, height: f32, across: f32, down: f32, gap: f32) -> Face {
    Face { width, height, across, down, gap }
}

/// Tuned by eye, with these rules: counters stay open by at least one pixel; a horizontal stroke may be thinner than a
/// vertical one; the ring around the dot covers at most the corner pixel of a digit.
const CUTS: [Cut; 7] = [
    cut(
        16,
        1.0,
        2.5,
        1.0,
        [face(7.0, 10.0, 2.0, 2.0, 0.0), face(5.0, 9.0, 2.0, 1.0, 1.0), face(4.0, 7.0, 1.0, 1.0, 1.0)],
    ),
    cut(
        20,
        2.0,
        2.75,
        1.25,
        [face(8.0, 12.0, 3.0, 2.0, 0.0), face(6.0, 11.0, 2.0, 2.0, 2.0), face(4.0, 8.0, 1.0, 1.0, 2.0)],
    ),
    cut(
        22,
        2.0,
        3.0,
        1.0,
        [face(10.0, 14.0, 3.0, 2.0, 0.0), face(7.0, 12.0, 2.0, 2.0, 2.0), face(5.0, 9.0, 2.0, 1.0, 1.0)],
    ),
    cut(
        24,
        2.0,
        3.25,
        1.0,
        [face(10.0, 15.0, 3.0, 3.0, 0.0), face(8.0, 12.0, 3.0, 2.0, 2.0), face(6.0, 10.0, 2.0, 2.0, 1.0)],
    ),
    cut(
        32,
        3.0,
        4.25,
        1.5,
        [face(13.0, 19.0, 4.0, 3.0, 0.0), face(10.0, 17.0, 3.0, 3.0, 3.0), face(7.0, 12.0, 2.0, 2.0, 2.0)],
    ),
    cut(
        44,
        4.0,
        5.75,
        1.75,
        [face(18.0, 28.0, 5.0, 4.0, 0.0), face(14.0, 24.0, 4.0, 4.0, 4.0), face(10.0, 17.0, 3.0, 3.0, 2.0)],
    ),
    cut(
        64,
        6.0,
        8.0,
        2.5,
        [face(26.0, 40.0, 7.0, 6.0, 0.0), face(20.0, 36.0, 6.0, 6.0, 6.0), face(14.0, 25.0, 4.0, 4.0, 4.0)],
    ),
];

impl Cut {
    /// The measures for a size.
    pub(super) fn of(size: u32) -> Self {
        let [smallest, ..] = CUTS;
        let cut = CUTS.into_iter().rfind(|cut| cut.size <= size).unwrap_or(smallest);
        if cut.size == size { cut } else { cut.scaled(size) }
    }

    /// The tile's width and height.
    pub(super) fn side(&self) -> f32 {
        self.size as f32 - self.peek
    }

    /// The width and the height of the triangle.
    pub(super) fn triangle(&self) -> f32 {
        (2.7 * self.dot).round()
    }

    /// The radius of the tile's corners.
    pub(super) fn corner(&self) -> f32 {
        (self.size as f32 / 4.0).round()
    }

    /// The width of the light edge that separates the tile from a dark panel.
    pub(super) fn edge(&self) -> f32 {
        (self.size as f32 / 40.0).round().max(1.0)
    }

    /// The face for a text of this many characters.
    pub(super) fn face(&self, characters: usize) -> Face {
        let [one, two, three] = self.faces;
        match characters {
            0 | 1 => one,
            2 => two,
            _ => three,
        }
    }

    fn scaled(self, size: u32) -> Self {
        let factor = size as f32 / self.size as f32;
        let whole = |length: f32| (length * factor).round().max(1.0);
        Self {
            size,
            peek: whole(self.peek),
            dot: self.dot * factor,
            ring: self.ring * factor,
            faces: self.faces.map(|face| {
                let (width, height) = (whole(face.width), whole(face.height));
                // Rounding must not close a counter.
                let open = |stroke: f32, room: f32| whole(stroke).min(room.floor()).max(1.0);
                Face {
                    width,
                    height,
                    across: open(face.across, (width - 1.0) / 2.0),
                    down: open(face.down, (height - 2.0) / 3.0),
                    gap: whole(face.gap),
                }
            }),
        }
    }
}

impl Face {
    /// The same face with thinner strokes.
    pub(super) fn light(self) -> Self {
        let thin = |stroke: f32| (stroke * 0.7).round().max(1.0);
        Self { across: thin(self.across), down: thin(self.down), ..self }
    }
}
