//! Determines whether Claude Code runs the hooks of a settings file, by the precedence of its settings.
//!
//! Managed settings take precedence over a project's local ones, its shared ones, and the user's. The first value of
//! `disableAllHooks` in this order counts, except that hooks in managed settings can be disabled only there.
//! `allowManagedHooksOnly` counts in managed settings only.

use super::hook_status::HooksPlace;

/// The settings of one file that disable hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switches {
    /// The level of the file.
    pub place: HooksPlace,
    /// The file.
    pub path: String,
    /// `disableAllHooks`.
    pub are_hooks_off: Option<bool>,
    /// `allowManagedHooksOnly`.
    pub is_managed_only: Option<bool>,
}

/// Why hooks do not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// `disableAllHooks` is on.
    Off {
        /// The level of the file.
        place: HooksPlace,
        /// The file.
        path: String,
    },
    /// The organisation allows only its own hooks.
    ManagedOnly {
        /// The file.
        path: String,
    },
}

/// Why the hooks of a location do not run; `None` if they do. `files` are sorted by descending precedence.
#[must_use]
pub fn block(place: HooksPlace, files: &[Switches]) -> Option<Block> {
    let is_managed = |file: &&Switches| file.place == HooksPlace::Managed;
    let only = files.iter().filter(is_managed).find(|file| file.is_managed_only.is_some());
    let mut effective = files.iter().filter(|file| place != HooksPlace::Managed || is_managed(file));
    let off = effective.find(|file| file.are_hooks_off.is_some()).filter(|file| file.are_hooks_off == Some(true));
    if let Some(file) = off {
        return Some(Block::Off { place: file.place, path: file.path.clone() });
    }
    let only = only.filter(|file| file.is_managed_only == Some(true) && place != HooksPlace::Managed)?;
    Some(Block::ManagedOnly { path: only.path.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(place: HooksPlace, are_hooks_off: Option<bool>, is_managed_only: Option<bool>) -> Switches {
        Switches { place, path: format!("{place:?}"), are_hooks_off, is_managed_only }
    }

    #[test]
    fn the_value_of_highest_precedence_counts() {
        let blocked = |place, files: &[Switches]| block(place, files);
        let off = |place| Some(Block::Off { place, path: format!("{place:?}") });
        let (on, yes) = (Some(false), Some(true));
        for place in [HooksPlace::User, HooksPlace::Project, HooksPlace::Local, HooksPlace::Plugin] {
            assert_eq!(blocked(place, &[]), None);
            for level in [HooksPlace::User, HooksPlace::Project, HooksPlace::Local, HooksPlace::Managed] {
                assert_eq!(blocked(place, &[file(level, yes, None)]), off(level));
                assert_eq!(blocked(place, &[file(level, on, None)]), None);
            }
            // A value of a higher level overrides one of a lower level, whether on or off.
            assert_eq!(blocked(place, &[file(HooksPlace::Local, on, None), file(HooksPlace::User, yes, None)]), None);
            let files = [
                file(HooksPlace::Managed, None, None),
                file(HooksPlace::Project, yes, None),
                file(HooksPlace::User, on, None),
            ];
            assert_eq!(blocked(place, &files), off(HooksPlace::Project));
        }
    }

    #[test]
    fn managed_hooks_are_disabled_by_managed_settings_only() {
        let yes = Some(true);
        assert_eq!(
            block(HooksPlace::Managed, &[file(HooksPlace::Local, yes, None), file(HooksPlace::User, yes, None)]),
            None
        );
        assert!(block(HooksPlace::Managed, &[file(HooksPlace::Managed, yes, None)]).is_some());
        assert_eq!(block(HooksPlace::Managed, &[file(HooksPlace::Managed, None, yes)]), None);
    }

    #[test]
    fn only_managed_settings_can_disable_unmanaged_hooks() {
        let (on, yes) = (Some(false), Some(true));
        let only = Some(Block::ManagedOnly { path: "Managed".into() });
        assert_eq!(block(HooksPlace::User, &[file(HooksPlace::Managed, None, yes)]), only);
        assert_eq!(block(HooksPlace::Plugin, &[file(HooksPlace::Managed, on, yes)]), only);
        assert_eq!(
            block(HooksPlace::User, &[file(HooksPlace::Local, None, yes), file(HooksPlace::User, None, yes)]),
            None
        );
        assert_eq!(
            block(HooksPlace::User, &[file(HooksPlace::Managed, None, on), file(HooksPlace::Managed, None, yes)]),
            None
        );
    }
}
