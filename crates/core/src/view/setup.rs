//! The settings as the window shows them, and what another timeout would change.

use serde::Serialize;

use crate::registry::Number;
use crate::settings::Settings;
use crate::time::Timeout;

/// The settings and the values in effect, as the window shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Setup {
    /// The configuration file; null if there is no location for one.
    pub file: Option<String>,
    /// The settings in the file.
    pub settings: Settings,
    /// The registry that is watched.
    pub registry: String,
    /// The heartbeats folder that is watched.
    pub heartbeats: String,
    /// The timeout in effect.
    #[serde(rename = "timeout_minutes")]
    #[cfg_attr(feature = "wire-types", ts(as = "u32"))]
    pub timeout: Timeout,
    /// The keys overridden on the command line or by the environment, which take precedence over the file.
    pub overruled: Vec<String>,
    /// Problems found in the file, as whole sentences.
    pub complaints: Vec<String>,
}

/// The effect that another timeout would have now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct TimeoutEffect {
    /// The sessions that would become stale.
    pub stale: Vec<Number>,
    /// The sessions that would become active.
    pub active: Vec<Number>,
}
