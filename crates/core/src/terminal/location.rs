//! Where a process runs that is not one of this machine's, by its pid domain.

use crate::claude::{PidSpace, ProcessKey};
use crate::terminal::value;
use crate::view::text::messages;

/// Where a process runs, if that is another machine or a container: "it runs on …". `None`: here, as far as it is
/// known.
#[must_use]
pub fn elsewhere(process: &ProcessKey, here: &PidSpace) -> Option<String> {
    let (domain, own) = (process.domain.as_deref()?, here.domain.as_deref()?);
    if domain == own {
        return None;
    }
    if let Some(host) = domain.strip_prefix("win32:") {
        let host = Some(host).filter(|host| value::is_host(host)).unwrap_or("another machine");
        return Some(format!("it runs on {host} (Windows)"));
    }
    if domain == "darwin" {
        return Some("it runs on another machine (macOS)".into());
    }
    let parts = |domain: &str| domain.strip_prefix("linux:").and_then(|rest| rest.split_once(':')).map(owned);
    let (Some((machine, space)), Some((own_machine, _))) = (parts(domain), parts(own)) else {
        return Some("it runs on another machine".into());
    };
    if machine == own_machine {
        return Some(format!("it runs in a container of this machine ({})", messages::plain(&space, 40)));
    }
    let machine: String = messages::plain(&machine, 40).chars().take(8).collect();
    Some(format!("it runs on another machine or in a container (machine {machine})"))
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_says_where_a_process_runs() {
        let of = |domain: Option<&str>, own: Option<&str>| {
            let key = ProcessKey { pid: 1, started: "1".into(), domain: domain.map(str::to_owned), boot: None };
            elsewhere(&key, &PidSpace { domain: own.map(str::to_owned), boot: None })
        };
        let own = Some("linux:0123456789ab:pid:[1]");
        for here in [own, None] {
            assert_eq!(of(here, own), None);
        }
        assert_eq!(of(own, None), None);
        let text = |domain| of(Some(domain), own).unwrap();
        assert_eq!(text("linux:0123456789ab:pid:[2]"), "it runs in a container of this machine (pid:[2])");
        let other = "it runs on another machine or in a container (machine fedcba98)";
        assert_eq!(text("linux:fedcba9876543210:pid:[1]"), other);
        assert_eq!(text("win32:DESK-1"), "it runs on DESK-1 (Windows)");
        assert_eq!(text("win32:a;\u{1b}[31m"), "it runs on another machine (Windows)");
        assert_eq!(text("darwin"), "it runs on another machine (macOS)");
        assert_eq!(text("\u{1b}"), "it runs on another machine");
        assert_eq!(of(Some("linux:x:y"), Some("darwin")).unwrap(), "it runs on another machine");
    }
}
