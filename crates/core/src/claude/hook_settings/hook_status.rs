//! The state of Claude Code's hooks, as the window shows it, and what it offers to do about them.
//!
//! Promises: the window installs and removes hooks in a person's own settings and plugin only. A project's and an
//! organisation's are shown and never changed. Does not look at files.

use serde::Serialize;

/// A place where hooks can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "HooksPlace"))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A person's settings: every session of theirs.
    User,
    /// A project's shared settings: every person's sessions in it.
    Project,
    /// A project's local settings, which are not shared: a person's sessions in it.
    Local,
    /// A plugin's folder: every session of a person, beginning with the next.
    Plugin,
    /// The settings of an organisation, which no others override.
    Managed,
}

impl Place {
    /// Whether the window installs and removes hooks in it.
    #[must_use]
    pub fn is_own(self) -> bool {
        matches!(self, Self::User | Self::Plugin)
    }
}

/// Hooks that are in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct HooksIn {
    /// The place.
    pub place: Place,
    /// The file.
    pub path: String,
    /// Whether installing them would repair them: their program is missing, their arguments are lost, an event has no hook.
    #[serde(skip)]
    #[cfg_attr(feature = "wire-types", ts(skip))]
    pub is_broken: bool,
    /// Whether any of them is Headcount's own, and not a command that a person wrote.
    #[serde(skip)]
    #[cfg_attr(feature = "wire-types", ts(skip))]
    pub is_removable: bool,
}

/// What is odd about hooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "HookProblem"))]
pub struct HookProblem {
    /// What was found.
    pub message: String,
    /// What to do about it; nothing where putting the hooks in again does it.
    pub remedy: Option<String>,
}

/// How hooks stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Hooks {
    /// Where they are; nowhere where they are not installed.
    pub places: Vec<HooksIn>,
    /// What is odd about them.
    pub oddity: Option<HookProblem>,
    /// Whether it makes sense to put them into a person's settings.
    pub can_install: bool,
    /// Whether there are a person's own to be taken out.
    pub can_remove: bool,
}

impl Hooks {
    /// What follows from the places that have hooks, and from what is odd about those.
    #[must_use]
    pub fn new(places: Vec<HooksIn>, oddity: Option<HookProblem>) -> Self {
        let own = || places.iter().filter(|found| found.place.is_own());
        let can_remove = own().any(|found| found.is_removable);
        let is_mendable = oddity.is_some() && (own().count() > 1 || own().any(|found| found.is_broken));
        let oddity = oddity
            .map(|HookProblem { message, remedy }| HookProblem { message, remedy: remedy.filter(|_| !is_mendable) });
        let can_install = own().next().is_none() || is_mendable;
        Self { places, oddity, can_install, can_remove }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: Place, is_broken: bool) -> HooksIn {
        HooksIn { place, path: String::new(), is_broken, is_removable: true }
    }

    fn odd() -> HookProblem {
        HookProblem { message: "Odd.".into(), remedy: Some("Mend it.".into()) }
    }

    /// What is offered: to install, to remove, and what else is to be done.
    fn offered(places: &[HooksIn], is_odd: bool) -> (bool, bool, bool) {
        let hooks = Hooks::new(places.to_vec(), is_odd.then(odd));
        (hooks.can_install, hooks.can_remove, hooks.oddity.is_some_and(|oddity| oddity.remedy.is_some()))
    }

    #[test]
    fn what_is_there_can_be_removed_and_what_is_not_installed() {
        assert_eq!(offered(&[], false), (true, false, false));
        assert_eq!(offered(&[at(Place::User, false)], false), (false, true, false));
        assert_eq!(offered(&[at(Place::Plugin, false)], false), (false, true, false));
        // A file that cannot be read may be mended by now: asking again says so.
        assert_eq!(offered(&[], true), (true, false, true));
    }

    #[test]
    fn what_is_broken_can_be_installed_again() {
        assert_eq!(offered(&[at(Place::User, true)], true), (true, true, false));
        assert_eq!(offered(&[at(Place::User, false), at(Place::Plugin, false)], true), (true, true, false));
        // Switched off: putting them in again would not switch them on.
        assert_eq!(offered(&[at(Place::User, false)], true), (false, true, true));
    }

    #[test]
    fn a_persons_own_command_is_neither_installed_again_nor_removed() {
        let custom = HooksIn { is_removable: false, ..at(Place::User, false) };
        assert_eq!(offered(&[custom], false), (false, false, false));
    }

    #[test]
    fn a_projects_and_an_organisations_are_left_alone() {
        for place in [Place::Local, Place::Managed] {
            assert_eq!(offered(&[at(place, false)], false), (true, false, false));
            assert_eq!(offered(&[at(place, true)], true), (true, false, true));
        }
        assert_eq!(offered(&[at(Place::Project, false)], false), (true, false, false));
        assert_eq!(offered(&[at(Place::Project, true)], true), (true, false, true));
        assert_eq!(offered(&[at(Place::User, false), at(Place::Project, true)], true), (false, true, true));
    }
}
