//! Selects tabs of terminal emulators and editors.

use headcount_core::terminal::Trace;
use headcount_core::terminal::emulators::{ALL, Emulator};

use super::tools::Tools;
use super::{Step, Strategy};

pub(super) fn all() -> Vec<Box<dyn Strategy>> {
    ALL.into_iter().map(|emulator| -> Box<dyn Strategy> { Box::new(TabOf(emulator)) }).collect()
}

/// A tab of an emulator that core knows.
struct TabOf(&'static dyn Emulator);

impl Strategy for TabOf {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn show(&self, trace: &Trace, tools: &dyn Tools) -> Result<Step, String> {
        let tab = self.0.tab(trace)?;
        for command in &tab.commands {
            tools.run(command)?;
        }
        Ok(if tab.is_raised { Step::Done(tab.text) } else { Step::Selected(tab.text, Box::new(trace.clone())) })
    }
}
