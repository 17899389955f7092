//! Screenshots.
//!
//! Guarantees: contains what is visible at that moment, including all windows, as red, green and blue. Programs may not
//! have finished drawing; see [`Desktop::wait_for_pixels`](crate::Desktop::wait_for_pixels).

use super::{Area, Events, Screen};
use crate::error::{DesktopError, Result, file, screen};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Duration;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};

/// A screenshot of a part of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screenshot {
    /// The captured area.
    pub area: Area,
    /// Red, green and blue of each pixel, row by row from the top.
    pub pixels: Vec<[u8; 3]>,
}

impl Screenshot {
    /// The colour at a point of the screen; `None` outside of the captured area.
    #[must_use]
    pub fn colour(&self, x: i16, y: i16) -> Option<[u8; 3]> {
        let column = usize::try_from(i32::from(x) - i32::from(self.area.x)).ok()?;
        let row = usize::try_from(i32::from(y) - i32::from(self.area.y)).ok()?;
        let width = usize::from(self.area.width);
        if column >= width {
            return None;
        }
        self.pixels.get(row * width + column).copied()
    }

    /// The smallest area that contains all pixels satisfying `wanted`, and their number.
    pub fn extent(&self, mut wanted: impl FnMut([u8; 3]) -> bool) -> Option<(Area, usize)> {
        extent(self.area, self.pixels.iter().map(|pixel| wanted(*pixel)))
    }

    /// The smallest area that contains all differences from an earlier screenshot of the same area, for example where a
    /// tray icon appeared. `None` without differences, or if the areas differ.
    #[must_use]
    pub fn changed_since(&self, earlier: &Screenshot) -> Option<Area> {
        if self.area != earlier.area {
            return None;
        }
        let differs = self.pixels.iter().zip(&earlier.pixels).map(|(now, before)| now != before);
        extent(self.area, differs).map(|(area, _)| area)
    }

    /// Writes it as a PNG.
    pub fn save(&self, path: &Path) -> Result<()> {
        let flat: Vec<u8> = self.pixels.iter().flatten().copied().collect();
        write_png(path, (self.area.width.into(), self.area.height.into()), png::ColorType::Rgb, &flat)
    }
}

/// Writes a PNG with 8 bits a channel.
pub(crate) fn write_png(path: &Path, (width, height): (u32, u32), colour: png::ColorType, data: &[u8]) -> Result<()> {
    let target = File::create(path).map_err(file("written", path))?;
    let mut encoder = png::Encoder::new(BufWriter::new(target), width, height);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(data)?;
        writer.finish()
    });
    written.map_err(|error| file("written", path)(std::io::Error::other(error)))
}

fn extent(of: Area, wanted: impl Iterator<Item = bool>) -> Option<(Area, usize)> {
    let width = usize::from(of.width).max(1);
    let mut count = 0;
    let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
    for (index, _) in wanted.enumerate().filter(|(_, wanted)| *wanted) {
        let (column, row) = (index % width, index / width);
        (left, top) = (left.min(column), top.min(row));
        (right, bottom) = (right.max(column), bottom.max(row));
        count += 1;
    }
    (count > 0).then(|| {
        let area = Area {
            x: of.x.saturating_add_unsigned(left as u16),
            y: of.y.saturating_add_unsigned(top as u16),
            width: (right - left + 1) as u16,
            height: (bottom - top + 1) as u16,
        };
        (area, count)
    })
}

impl Screen {
    /// A screenshot of this area, clipped to the screen.
    pub(crate) fn screenshot(&self, of: Area) -> Result<Screenshot> {
        let attempted = "take a picture";
        let (x, y) = (of.x.max(0), of.y.max(0));
        let right = of.x.saturating_add_unsigned(of.width).min(self.size.0 as i16);
        let bottom = of.y.saturating_add_unsigned(of.height).min(self.size.1 as i16);
        let (Ok(width @ 1..), Ok(height @ 1..)) = (u16::try_from(right - x), u16::try_from(bottom - y)) else {
            let whole = format!("a screen of {} × {} pixels.", self.size.0, self.size.1);
            return Err(DesktopError::Absent { what: format!("such area as {of:?}"), present: whole });
        };
        let asked = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX);
        let image = asked.map_err(screen(attempted))?.reply().map_err(screen(attempted))?;
        // 24 bits in 32, lowest byte first: the format of Xvfb on all supported machines.
        let pixels = image.data.as_chunks::<4>().0.iter().map(|[blue, green, red, _]| [*red, *green, *blue]).collect();
        Ok(Screenshot { area: Area { x, y, width, height }, pixels })
    }
}

/// Waits until the area satisfies a condition: checks now and after each drawing.
pub(crate) async fn wait_for_pixels<T>(
    display: &str,
    of: Area,
    awaited: &str,
    wait: Duration,
    mut wanted: impl FnMut(&Screenshot) -> Option<T>,
) -> Result<T> {
    let events = Events::of_drawing(display)?;
    events
        .until(awaited, wait, |events| {
            let picture = events.screen.screenshot(of)?;
            Ok(wanted(&picture).ok_or_else(|| format!("other pixels in {:?}.", picture.area)))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screenshot(pixels: &str) -> Screenshot {
        let area = Area { x: 10, y: 20, width: 4, height: 3 };
        Screenshot { area, pixels: pixels.bytes().map(|byte| [byte; 3]).collect() }
    }

    #[test]
    fn colours_are_addressed_by_screen_coordinates() {
        let picture = screenshot("....a.....b.");
        assert_eq!(picture.colour(10, 21), Some([b'a'; 3]));
        assert_eq!(picture.colour(12, 22), Some([b'b'; 3]));
        for outside in [(9, 21), (14, 21), (10, 19), (10, 23), (i16::MIN, i16::MAX)] {
            assert_eq!(picture.colour(outside.0, outside.1), None);
        }
    }

    #[test]
    fn the_extent_is_the_smallest_rectangle() {
        let found = screenshot(".....#....#.").extent(|pixel| pixel == [b'#'; 3]);
        assert_eq!(found, Some((Area { x: 11, y: 21, width: 2, height: 2 }, 2)));
        assert_eq!(screenshot("............").extent(|pixel| pixel == [b'#'; 3]), None);
    }

    #[test]
    fn changed_since_returns_the_area_of_differences() {
        let before = screenshot("............");
        assert_eq!(screenshot(".......x....").changed_since(&before), Some(Area { x: 13, y: 21, width: 1, height: 1 }));
        assert_eq!(before.changed_since(&before), None);
    }
}
