//! The digits made of straight lines only: 1, 4 and 7, as filled polygons.
//!
//! Promises: stems and bars on whole pixels when the face's lengths are whole, and ends cut level; a stroke of even
//! thickness would end in spikes where a slanting part meets an upright one.

use tiny_skia::{Path, PathBuilder};

use super::icon_metrics::Face;

/// How wide a "1" is: half a digit and its stem, so that "11" does not fall apart.
pub(super) fn narrow(face: Face) -> f32 {
    face.across + ((face.width - face.across) / 2.0).ceil()
}

/// "1": a stem with a flag.
pub(super) fn one(face: Face) -> Option<Path> {
    let Face { height, across, down, .. } = face;
    let side = narrow(face);
    let stem = side - across;
    // The flag falls off a little flatter than 45 degrees, and is a little thinner than the stem.
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

/// "4": closed, the stem not at the edge where there is room for that.
pub(super) fn four(face: Face) -> Option<Path> {
    let Face { width, height, across, down, .. } = face;
    let stem = width - across - (width / 8.0).floor();
    let bar = (height * 0.7 - down / 2.0).round();
    // The slanting stroke's outer side runs from `foot` on the left to `head` at the top.
    let (foot, head) = (bar - down * 0.2, stem + across * 0.1);
    let long = foot.hypot(head);
    // Where its inner side meets the stem and the bar. Without room for a hole they change places: then it is filled.
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

/// One closed shape of the path. Clockwise it is filled; inside another, the other way round, it is a hole.
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
