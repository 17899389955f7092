use super::*;
use crate::liveness::cleanup::Target;

fn announcement() -> Announcement {
    let target = Target { number: 2, session_id: Some("two".into()) };
    Announcement {
        title: "1 session looks stale".into(),
        body: "#2 <b>: no beat".into(),
        targets: vec![target],
        offers_cleanup: true,
    }
}

fn capable(server: &str, has_tray: bool) -> Features {
    Features::of(server, &["actions".into(), "body-markup".into()], has_tray)
}

fn undo() -> Notification {
    Notification::outcome("1 session marked inactive", "", Some(OutcomeOffer::Undo("c".into())))
}

#[test]
fn a_click_on_the_text_never_changes_anything() {
    let clicks = |notification: Notification| notification.action(DEFAULT_KEY);
    assert_eq!(clicks(Notification::stale(&announcement())), Some(Action::Open(View::Review)));
    assert_eq!(clicks(Notification::no_tray(desktop::DesktopKind::Other)), Some(Action::Open(View::Sessions)));
    assert_eq!(clicks(undo()), None);
    assert_eq!(clicks(Notification::outcome("t", "b", Some(OutcomeOffer::Redo("c".into())))), None);
}

#[test]
fn action_labels_are_nonempty_and_unique() {
    for server in ["gnome-shell", "Plasma", "dunst", "mako", "Xfce Notify Daemon", "lxqt-notificationd", ""] {
        let kinds = [Notification::stale(&announcement()), undo(), Notification::no_tray(desktop::DesktopKind::Other)];
        for message in kinds.iter().map(|kind| kind.message(capable(server, true))) {
            let labels: Vec<&str> = message.actions.iter().map(|(_, label)| *label).collect();
            let mut once = labels.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), labels.len(), "{server}: {labels:?}");
            assert!(!labels.contains(&""), "{server}: {labels:?}");
        }
    }
}

#[test]
fn a_server_that_draws_the_click_shows_the_review_once() {
    let stale = Notification::stale(&announcement());
    let keys = |server| stale.message(capable(server, true)).actions;
    assert_eq!(
        keys("gnome-shell"),
        [("default", "Open"), ("clean_up", "Clean up"), ("review", "Review…"), ("snooze", "Snooze")]
    );
    assert_eq!(keys("Xfce Notify Daemon"), [("default", "Review…"), ("clean_up", "Clean up"), ("snooze", "Snooze")]);
    let without = Notification::stale(&Announcement { offers_cleanup: false, ..announcement() });
    let message = without.message(capable("gnome-shell", true));
    assert_eq!(message.actions, [("default", "Open"), ("review", "Review…"), ("snooze", "Snooze")]);
}

#[test]
fn without_visible_buttons_the_text_names_the_way() {
    let none = |has_tray| Features::of("x", &[], has_tray);
    let last =
        |notification: &Notification, features| notification.message(features).body.lines().last().map(str::to_owned);
    let stale = Notification::stale(&announcement());
    assert!(stale.message(none(true)).actions.is_empty());
    assert_eq!(last(&stale, none(true)).unwrap(), "Open Headcount from the tray to clean up.");
    assert_eq!(last(&stale, none(false)).unwrap(), "Start Headcount again to clean up.");
    assert_eq!(last(&stale, capable("mako", true)).unwrap(), "Open Headcount from the tray to clean up.");
    assert_eq!(last(&undo(), none(true)).unwrap(), "Open Headcount from the tray to undo.");
    assert_eq!(last(&stale, capable("gnome-shell", true)).unwrap(), "#2 &lt;b&gt;: no beat");
    let said = Notification::outcome("t", "b", None);
    assert_eq!(last(&said, none(true)).unwrap(), "b");
}

#[test]
fn text_is_escaped_only_for_servers_that_render_markup() {
    let stale = Notification::stale(&announcement());
    let body = |capabilities: &[String]| stale.message(Features::of("x", capabilities, true)).body;
    assert_eq!(body(&["actions".into()]), "#2 <b>: no beat");
    assert_eq!(body(&["actions".into(), "body-markup".into()]), "#2 &lt;b&gt;: no beat");
}

#[test]
fn notifications_with_buttons_are_resident() {
    assert!(undo().message(Features::native()).is_resident);
    assert!(Notification::stale(&announcement()).message(Features::native()).is_resident);
    assert!(!Notification::outcome("t", "b", None).message(Features::native()).is_resident);
}

#[test]
fn kinds_lists_every_set_of_buttons() {
    let kinds = Notification::kinds();
    for one in [Notification::stale(&announcement()), undo()] {
        let (_, buttons) = kinds.iter().find(|(kind, _)| Some(*kind) == one.kind()).unwrap();
        let keys = |buttons: &[Button]| buttons.iter().map(|button| button.key).collect::<Vec<_>>();
        assert_eq!(keys(buttons), keys(&one.buttons));
    }
    assert_eq!(kinds.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), ["clean_up", "review", "show", "undo", "redo"]);
}

#[test]
fn the_button_shows_the_terminal_of_a_waiting_session_and_a_click_opens_its_row() {
    let attention = Attention { slot: Slot::Waiting, title: "t".into(), body: String::new(), place: View::Session(5) };
    let one = Notification::attention(&attention);
    assert_eq!(one.action("show"), Some(Action::Show(5)));
    assert_eq!(one.action(DEFAULT_KEY), Some(Action::Open(View::Session(5))));
    assert_eq!(one.action("snooze"), Some(Action::Snooze(Snooze::Hour)));
    let labels =
        |draws_click| -> Vec<(&str, &str)> { one.message(Features { draws_click, ..Features::native() }).actions };
    assert_eq!(labels(false), [("default", "Open"), ("show", "Show"), ("snooze", "Snooze")]);
    assert_eq!(labels(true), labels(false), "opening the window and showing the terminal differ");
    let several = Notification::attention(&Attention { place: View::Sessions, ..attention });
    assert_eq!(several.action("show"), Some(Action::Open(View::Sessions)));
    assert_eq!(without_server(&one, false), None, "the window must not open by itself");
}

#[test]
fn without_server_and_tray_the_window_opens() {
    let stale = Notification::stale(&announcement());
    assert_eq!(without_server(&stale, false), Some(Action::Open(View::Review)));
    assert_eq!(without_server(&stale, true), None);
    assert_eq!(
        without_server(&Notification::no_tray(desktop::DesktopKind::Other), false),
        Some(Action::Open(View::Sessions))
    );
    assert_eq!(without_server(&undo(), false), None);
}

#[test]
fn a_press_counts_once_and_only_from_the_connection_that_shows_it() {
    let mut ledger = Ledger::default();
    ledger.sent(":1.5", 7, Notification::stale(&announcement()));
    assert_eq!(ledger.pressed(":1.6", 7, "clean_up"), None, "another connection");
    assert_eq!(ledger.pressed(":1.5", 8, "clean_up"), None, "another notification");
    assert_eq!(ledger.pressed(":1.5", 7, "undo"), None, "nothing that it offers");
    ledger.token(":1.6", 7, "planted".into());
    let answer = ledger.pressed(":1.5", 7, "clean_up").unwrap();
    assert_eq!(answer, ButtonPress { action: Action::CleanUp(announcement().targets), token: None });
    assert_eq!(ledger.pressed(":1.5", 7, "clean_up"), None, "twice");
    assert_eq!(ledger.pressed(":1.5", 7, "snooze"), None, "another button after that");
    assert_eq!((ledger.closed(":1.6", 7), ledger.closed(":1.5", 7)), (None, Some(Slot::Stale)));
    assert_eq!(ledger.closed(":1.5", 7), None);
}

#[test]
fn a_press_includes_the_token_reported_before() {
    let mut ledger = Ledger::default();
    ledger.sent(":1.5", 1, Notification::no_tray(desktop::DesktopKind::Other));
    ledger.token(":1.5", 1, "t".into());
    assert_eq!(ledger.pressed(":1.5", 1, DEFAULT_KEY).unwrap().token.as_deref(), Some("t"));
}

#[test]
fn a_new_server_does_not_inherit_the_ids_of_the_old_one() {
    let mut ledger = Ledger::default();
    ledger.sent(":1.5", 1, Notification::stale(&announcement()));
    assert_eq!(ledger.server_is(Some(":1.5")), []);
    assert_eq!(ledger.server_is(Some(":1.9")), [Slot::Stale]);
    for sender in [":1.5", ":1.9"] {
        assert_eq!(ledger.pressed(sender, 1, "clean_up"), None, "{sender}");
    }
    ledger.sent(":1.9", 1, undo());
    assert_eq!(ledger.server_is(None), [Slot::Outcome]);
}

#[test]
fn presses_on_withdrawn_notifications_are_ignored() {
    let mut ledger = Ledger::default();
    ledger.sent(":1.5", 1, Notification::stale(&announcement()));
    ledger.sent(":1.5", 2, undo());
    assert_eq!((ledger.take(Slot::Stale), ledger.take(Slot::Stale)), (Some(1), None));
    assert_eq!(ledger.pressed(":1.5", 1, "clean_up"), None);
    assert_eq!(ledger.take_all(), [2]);
    assert_eq!(ledger.closed(":1.5", 2), None);
}
