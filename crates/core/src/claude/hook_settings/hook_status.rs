//! The status of Claude Code's hooks for the window, and the actions it offers.
//!
//! Guarantees: the window installs and removes hooks only in a user's own settings and plugin. Those of a project or an
//! organisation are shown and never changed. Does not read files.

use serde::Serialize;

/// A location of hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HooksPlace {
    /// The user's settings: all sessions of the user.
    User,
    /// A project's shared settings: all users' sessions in it.
    Project,
    /// A project's local settings, which are not shared: the user's sessions in it.
    Local,
    /// A plugin's folder: all sessions of the user, from the next one on.
    Plugin,
    /// The settings of an organisation, which no others override.
    Managed,
}

impl HooksPlace {
    /// Whether the window installs and removes hooks here.
    #[must_use]
    pub fn is_own(self) -> bool {
        matches!(self, Self::User | Self::Plugin)
    }
}

/// The hooks found in one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct HooksIn {
    /// The location.
    pub place: HooksPlace,
    /// The file.
    pub path: String,
    /// Whether installing would repair them: their program is missing, arguments are lost, or an event has no hook.
    #[serde(skip)]
    #[cfg_attr(feature = "wire-types", ts(skip))]
    pub is_broken: bool,
    /// Whether any of them is Headcount's own, not a command written by a person.
    #[serde(skip)]
    #[cfg_attr(feature = "wire-types", ts(skip))]
    pub is_removable: bool,
}

/// A problem of the hooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "HookProblem"))]
pub struct HookProblem {
    /// The problem.
    pub message: String,
    /// The solution; null if installing the hooks again solves it.
    pub remedy: Option<String>,
}

/// The status of the hooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Hooks {
    /// The locations with hooks; empty if none are installed.
    pub places: Vec<HooksIn>,
    /// A problem of the hooks.
    pub problem: Option<HookProblem>,
    /// Whether installing them into the user's settings is useful.
    pub can_install: bool,
    /// Whether the user's own hooks can be removed.
    pub can_remove: bool,
}

impl Hooks {
    /// The status for the locations with hooks and a problem found in them.
    #[must_use]
    pub fn new(places: Vec<HooksIn>, problem: Option<HookProblem>) -> Self {
        let own = || places.iter().filter(|found| found.place.is_own());
        let can_remove = own().any(|found| found.is_removable);
        let is_repairable = problem.is_some() && (own().count() > 1 || own().any(|found| found.is_broken));
        let problem = problem
            .map(|HookProblem { message, remedy }| HookProblem { message, remedy: remedy.filter(|_| !is_repairable) });
        let can_install = own().next().is_none() || is_repairable;
        Self { places, problem, can_install, can_remove }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: HooksPlace, is_broken: bool) -> HooksIn {
        HooksIn { place, path: String::new(), is_broken, is_removable: true }
    }

    fn odd() -> HookProblem {
        HookProblem { message: "Odd.".into(), remedy: Some("Mend it.".into()) }
    }

    /// The offers: to install, to remove, and a remedy.
    fn offered(places: &[HooksIn], is_odd: bool) -> (bool, bool, bool) {
        let hooks = Hooks::new(places.to_vec(), is_odd.then(odd));
        (hooks.can_install, hooks.can_remove, hooks.problem.is_some_and(|problem| problem.remedy.is_some()))
    }

    #[test]
    fn installed_hooks_can_be_removed_and_missing_ones_installed() {
        assert_eq!(offered(&[], false), (true, false, false));
        assert_eq!(offered(&[at(HooksPlace::User, false)], false), (false, true, false));
        assert_eq!(offered(&[at(HooksPlace::Plugin, false)], false), (false, true, false));
        // A file that could not be read may have been repaired: installing reports it again if not.
        assert_eq!(offered(&[], true), (true, false, true));
    }

    #[test]
    fn broken_hooks_can_be_installed_again() {
        assert_eq!(offered(&[at(HooksPlace::User, true)], true), (true, true, false));
        assert_eq!(offered(&[at(HooksPlace::User, false), at(HooksPlace::Plugin, false)], true), (true, true, false));
        // Disabled hooks: installing them again would not enable them.
        assert_eq!(offered(&[at(HooksPlace::User, false)], true), (false, true, true));
    }

    #[test]
    fn a_custom_command_is_neither_installed_again_nor_removed() {
        let custom = HooksIn { is_removable: false, ..at(HooksPlace::User, false) };
        assert_eq!(offered(&[custom], false), (false, false, false));
    }

    #[test]
    fn hooks_of_projects_and_organisations_are_not_changed() {
        for place in [HooksPlace::Local, HooksPlace::Managed] {
            assert_eq!(offered(&[at(place, false)], false), (true, false, false));
            assert_eq!(offered(&[at(place, true)], true), (true, false, true));
        }
        assert_eq!(offered(&[at(HooksPlace::Project, false)], false), (true, false, false));
        assert_eq!(offered(&[at(HooksPlace::Project, true)], true), (true, false, true));
        assert_eq!(offered(&[at(HooksPlace::User, false), at(HooksPlace::Project, true)], true), (false, true, true));
    }
}
