//! The window's accent colours, from the accent colour of the desktop.
//!
//! Guarantees: an accent has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3) on every surface of the page, and so has text on
//! it. A colour that is too close to a surface is moved towards black or white until it is readable; its hue stays.

/// Red, green and blue, 0 to 255.
pub type Rgb = [u8; 3];

/// The surface of the page with the least contrast to an accent, in each theme (`ui/page/style/tokens.css`).
const DARKEST_LIGHT_SURFACE: Rgb = [0xf3, 0xf3, 0xef];
const LIGHTEST_DARK_SURFACE: Rgb = [0x1f, 0x20, 0x23];

const BLACK: Rgb = [0; 3];
const WHITE: Rgb = [255; 3];

/// The minimum contrast of text.
const READABLE: f64 = 4.5;

/// How far a colour is moved at a time, in percent.
const STEP: usize = 4;

/// An accent colour for one theme, and the colour of text on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// The colour of buttons, links and selections.
    pub color: Rgb,
    /// Black or white.
    pub text: Rgb,
}

/// The accent for the light and for the dark theme. `preferred` is the desktop's: red, green and blue from 0 to 1; `None` if
/// one of them is not, which means that no colour is preferred (`org.freedesktop.appearance`).
#[must_use]
pub fn accents(preferred: [f64; 3]) -> Option<(Accent, Accent)> {
    if !preferred.iter().all(|part| (0.0..=1.0).contains(part)) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255, by the check above")]
    let color = preferred.map(|part| (part * 255.0).round() as u8);
    Some((readable(color, DARKEST_LIGHT_SURFACE, BLACK), readable(color, LIGHTEST_DARK_SURFACE, WHITE)))
}

/// The colour closest to `color`, in the direction of `end`, that is readable on `surface`.
fn readable(color: Rgb, surface: Rgb, end: Rgb) -> Accent {
    let towards_end = (0..=100).step_by(STEP).map(|percent| mix(color, end, percent));
    let color = towards_end.clone().find(|color| contrast(*color, surface) >= READABLE).unwrap_or(end);
    let text = if contrast(color, WHITE) >= contrast(color, BLACK) { WHITE } else { BLACK };
    Accent { color, text }
}

fn mix([r, g, b]: Rgb, [to_r, to_g, to_b]: Rgb, percent: u32) -> Rgb {
    let part = |from: u8, to: u8| {
        let mixed = (u32::from(from) * (100 - percent) + u32::from(to) * percent) / 100;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    [part(r, to_r), part(g, to_g), part(b, to_b)]
}

/// The contrast ratio of two colours, 1 to 21 (WCAG 2.2).
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The relative luminance of a colour, 0 to 1 (WCAG 2.2).
fn luminance(color: Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let [red, green, blue] = color.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readable_color_is_kept() {
        let (light, dark) = accents([0.1, 0.37, 0.7]).unwrap();
        assert_eq!(light, Accent { color: [26, 94, 179], text: WHITE });
        assert_ne!(dark.color, light.color, "too dark for dark surfaces");
    }

    #[test]
    fn values_outside_of_the_range_mean_no_preference() {
        for preferred in [[-1.0, 0.0, 0.0], [0.0, 1.1, 0.0], [0.0, 0.0, f64::NAN], [f64::INFINITY, 0.0, 0.0]] {
            assert_eq!(accents(preferred), None, "{preferred:?}");
        }
    }

    #[test]
    fn every_accent_and_the_text_on_it_are_readable() {
        let parts = [0.0, 0.25, 0.5, 0.75, 1.0];
        for red in parts {
            for green in parts {
                for blue in parts {
                    let (light, dark) = accents([red, green, blue]).unwrap();
                    for (accent, surface) in [(light, DARKEST_LIGHT_SURFACE), (dark, LIGHTEST_DARK_SURFACE)] {
                        assert!(contrast(accent.color, surface) >= READABLE, "{accent:?}");
                        assert!(contrast(accent.color, accent.text) >= READABLE, "{accent:?}");
                    }
                }
            }
        }
    }
}
