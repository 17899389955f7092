//! Proof that a process ended because its computer was started again since.
//!
//! Guarantees: a proof only if nothing of the session is newer than the start of this computer. Two machines can have the same
//! machine id and the same space of pids (clones that share a home folder); a session that showed life since this computer
//! was started runs on the other one. Does not read the system.

use crate::claude::ProcessKey;
use crate::time::Time;

/// The running kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Its space of pids, as in [`ProcessKey::domain`]. It names the machine.
    pub domain: String,
    /// Its id, as in [`ProcessKey::boot`].
    pub id: String,
    /// When it was started, by the wall clock.
    pub started: Time,
}

impl Boot {
    /// Whether a process ran under an earlier kernel of this machine, given the session's last sign of life.
    #[must_use]
    pub fn has_ended(&self, key: &ProcessKey, last_sign_of_life: Option<Time>) -> bool {
        let is_earlier = |boot: &String| kernel(boot) != kernel(&self.id);
        key.domain.as_ref() == Some(&self.domain)
            && key.boot.as_ref().is_some_and(is_earlier)
            && last_sign_of_life.is_none_or(|last| last < self.started)
    }
}

/// The id of the kernel in the id of a boot, which may name a time namespace too: start times differ between those.
fn kernel(boot: &str) -> &str {
    boot.split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn an_earlier_boot_is_a_proof_unless_something_is_newer() {
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
