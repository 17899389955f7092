//! The icon pixmaps that a tray item sends.
//!
//! Guarantees: the bytes are as they were sent. Derived values are defined for any bytes, including too few.

use crate::error::Result;
use crate::screen::screenshot::write_png;
use std::path::Path;

/// One size of an icon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixmap {
    /// Its width in pixels, as the item states it.
    pub width: i32,
    /// Its height in pixels, as the item states it.
    pub height: i32,
    /// Alpha, red, green and blue of each pixel, row by row from the top; not premultiplied.
    pub argb: Vec<u8>,
}

impl Pixmap {
    /// Whether the number of bytes matches the size.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let pixels = i64::from(self.width) * i64::from(self.height);
        self.width > 0 && self.height > 0 && i64::try_from(self.argb.len()) == Ok(pixels * 4)
    }

    /// Each pixel as alpha, red, green, blue.
    pub fn pixels(&self) -> impl Iterator<Item = [u8; 4]> + '_ {
        self.argb.as_chunks::<4>().0.iter().copied()
    }

    /// The alpha, red, green and blue of one pixel; `None` outside of the pixmap.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> Option<[u8; 4]> {
        let width = usize::try_from(self.width).ok()?;
        if x >= width {
            return None;
        }
        self.argb.as_chunks::<4>().0.get(y * width + x).copied()
    }

    /// Writes it as a PNG.
    pub fn save(&self, path: &Path) -> Result<()> {
        let rgba: Vec<u8> = self.pixels().flat_map(|[alpha, red, green, blue]| [red, green, blue, alpha]).collect();
        write_png(path, (self.width.max(0) as u32, self.height.max(0) as u32), png::ColorType::Rgba, &rgba)
    }
}
