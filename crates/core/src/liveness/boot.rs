//! Proof that a process has ended because its computer was rebooted since.
//!
//! Guarantees: it is a proof only if no sign of life of the session is newer than the boot of this computer. Two
//! machines can have the same machine id and pid space (clones that share a home folder); a session with a sign of life
//! since this computer's boot runs on the other one. Does not read the system.

use crate::claude::ProcessKey;
use crate::time::Time;

/// The running kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Its pid space, as in [`ProcessKey::domain`]. It identifies the machine.
    pub domain: String,
    /// Its id, as in [`ProcessKey::boot`].
    pub id: String,
    /// When it was booted, by the wall clock.
    pub started: Time,
}

impl Boot {
    /// Whether a process ran under an earlier boot of this machine, given the session's last sign of life.
    #[must_use]
    pub fn has_ended(&self, key: &ProcessKey, last_sign_of_life: Option<Time>) -> bool {
        let is_earlier = |boot: &String| kernel(boot) != kernel(&self.id);
        key.domain.as_ref() == Some(&self.domain)
            && key.boot.as_ref().is_some_and(is_earlier)
            && last_sign_of_life.is_none_or(|last| last < self.started)
    }
}

/// The kernel's part of a boot id, which can also name a time namespace: start times differ between those.
fn kernel(boot: &str) -> &str {
    boot.split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn an_earlier_boot_is_a_proof_unless_a_sign_of_life_is_newer() {
        let started = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let boot = Boot { domain: "linux:a:pid:[1]".into(), id: "two".into(), started };
        let ago = |seconds| Some(started - TimeDelta::seconds(seconds));
        for (domain, id, last, has_ended) in [
            (Some("linux:a:pid:[1]"), Some("one"), ago(1), true),
            (Some("linux:a:pid:[1]"), Some("one"), None, true),
            (Some("linux:a:pid:[1]"), Some("one"), ago(0), false),
            (Some("linux:a:pid:[1]"), Some("one"), ago(-1), false),
            (Some("linux:a:pid:[1]"), Some("two"), ago(1), false),
            (Some("linux:a:pid:[1]"), Some("two time:[5]"), ago(1), false),
            (Some("linux:a:pid:[1]"), Some("one time:[5]"), ago(1), true),
            (Some("linux:a:pid:[1]"), None, ago(1), false),
            (Some("linux:b:pid:[1]"), Some("one"), ago(1), false),
            (None, Some("one"), ago(1), false),
        ] {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let key = ProcessKey { pid: 7, started: "1".into(), domain: text(domain), boot: text(id) };
            assert_eq!(boot.has_ended(&key, last), has_ended, "{domain:?} {id:?} {last:?}");
        }
    }
}
