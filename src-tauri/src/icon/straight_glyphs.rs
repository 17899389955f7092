//! The digits that consist of straight lines: 1, 4 and 7, as filled polygons.
//!
//! Guarantees: stems and bars lie on whole pixels if the face's lengths are whole, and strokes end horizontally.
//! Strokes of even thickness would end in spikes where a diagonal meets a vertical.

use tiny_skia::{Path, PathBuilder};

use super::icon_metrics::Face;

/// The width of "1": half a digit plus its stem, so that "11" looks like one number.
pub(super) fn narrow(face: Face) -> f32 {
    face.across + ((face.width - face.across) / 2.0).ceil()
}

/// "1": a stem with a flag.
pub(super) fn one(face: Face) -> Option<Path> {
    let Face { height, across, down, .. } = face;
    let side = narrow(face);
    let stem = side - across;
    // The flag slopes slightly less than 45 degrees, and is slightly thinner than the stem.
    let (slope, shoulder) = (0.8, stem + across * 0.2);
    let flag = shoulder * slope;
    let thick = down.max(across) * 1.15;
    let mut path = PathBuilder::new();
    polygon(
        &mut path,
        &[
            (shoulder, 0.0),
            (side, 0.0),
            (side, height),
            (stem, height),
            (stem, flag + thick - stem * slope),
            (0.0, flag + thick),
            (0.0, flag),
        ],
    );
    path.finish()
}

/// "4" with a closed counter; the stem is inset from the right edge if there is room.
pub(super) fn four(face: Face) -> Option<Path> {
    let Face { width, height, across, down, .. } = face;
    let stem = width - across - (width / 8.0).floor();
    let bar = (height * 0.7 - down / 2.0).round();
    // The outer edge of the diagonal runs from `foot` on the left to `head` at the top.
    let (foot, head) = (bar - down * 0.2, stem + across * 0.1);
    let long = foot.hypot(head);
    // The intersections of its inner edge with the stem and the bar. Without room for a hole they swap, and the area is
    // filled.
    let reach = foot * head + across * 0.9 * long;
    let (low, near) = ((reach - foot * stem) / head, (reach - head * bar) / foot);
    let mut path = PathBuilder::new();
    polygon(
        &mut path,
        &[
            (head, 0.0),
            (stem + across, 0.0),
            (stem + across, bar),
            (width, bar),
            (width, bar + down),
            (stem + across, bar + down),
            (stem + across, height),
            (stem, height),
            (stem, bar + down),
            (0.0, bar + down),
            (0.0, foot),
        ],
    );
    polygon(&mut path, &[(stem, low), (near, bar), (stem, bar)]);
    path.finish()
}

/// "7".
pub(super) fn seven(face: Face) -> Option<Path> {
    let Face { width, height, across, down, .. } = face;
    let foot = (width * 0.2).floor();
    let mut path = PathBuilder::new();
    polygon(
        &mut path,
        &[
            (0.0, 0.0),
            (width, 0.0),
            (width, down),
            (foot + across * 1.1, height),
            (foot, height),
            (width - across * 1.1, down),
            (0.0, down),
        ],
    );
    path.finish()
}

/// Adds one closed polygon to the path. Clockwise polygons are filled; counter-clockwise ones inside them are holes.
fn polygon(path: &mut PathBuilder, corners: &[(f32, f32)]) {
    let mut corners = corners.iter();
    if let Some((x, y)) = corners.next() {
        path.move_to(*x, *y);
    }
    for (x, y) in corners {
        path.line_to(*x, *y);
    }
    path.close();
}
