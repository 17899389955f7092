use std::time::Duration;

use super::*;
use headcount_core::Time;
use headcount_core::view::history::Actor;

struct Fixture {
    _folder: tempfile::TempDir,
    store: Store,
    journal: Journal,
    registry: PathBuf,
}

fn fixture(text: &str) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let registry = folder.path().join("ws/claude_sessions.json");
    std::fs::create_dir_all(registry.parent().unwrap()).unwrap();
    std::fs::write(&registry, text).unwrap();
    let journal = Journal::new(folder.path().join("state"));
    Fixture { store: Store::new(registry.clone()), journal, registry, _folder: folder }
}

fn meta() -> ChangeMeta {
    ChangeMeta { at: Time::UNIX_EPOCH, by: Actor::Command, what: "test", of: None }
}

fn write(text: &str) -> Decision<()> {
    Decision { text: text.into(), entries: vec![], outcome: () }
}

#[test]
fn update_starts_over_after_another_write() {
    let fixture = fixture("{}");
    let mut seen = Vec::new();
    fixture
        .store
        .update(&fixture.journal, &meta(), |registry| {
            seen.push(registry.text().to_owned());
            if seen.len() == 1 {
                std::fs::write(&fixture.registry, "{ }").unwrap();
            }
            Ok(Ok(write(r#"{"1": {}}"#)))
        })
        .unwrap();
    assert_eq!(seen, ["{}", "{ }"]);
    assert_eq!(std::fs::read_to_string(&fixture.registry).unwrap(), r#"{"1": {}}"#);
}

#[test]
fn bookkeeping_is_written_without_a_copy_and_without_a_record() {
    let fixture = fixture("{}");
    fixture.store.update(&fixture.journal, &meta(), |_| Ok(Ok(write(r#"{"1": {}}"#)))).unwrap();
    assert_eq!(std::fs::read_to_string(&fixture.registry).unwrap(), r#"{"1": {}}"#);
    assert!(fixture.journal.copies().list().unwrap().is_empty());
    assert!(fixture.journal.all().unwrap().is_empty());
}

#[test]
fn update_gives_up_if_the_file_keeps_changing() {
    let fixture = fixture("{}");
    let mut count = 0;
    let error = fixture.store.update(&fixture.journal, &meta(), |_| {
        count += 1;
        std::fs::write(&fixture.registry, format!("{{{}}}", " ".repeat(count))).unwrap();
        Ok(Ok(write("{\"1\": {}}")))
    });
    assert!(matches!(error, Err(Error::ConcurrentModification { .. })));
    assert!(!std::fs::read_to_string(&fixture.registry).unwrap().contains('1'));
    assert_eq!(std::fs::read_dir(fixture.registry.parent().unwrap()).unwrap().count(), 2);
}

#[test]
fn an_unreadable_file_is_not_overwritten() {
    for text in ["", "{\"1\": {", "[]", "{\"1\":{},\"1\":{}}"] {
        let fixture = fixture(text);
        let result = fixture.store.update(&fixture.journal, &meta(), |_| Ok(Ok(write("{}"))));
        assert!(matches!(result, Err(Error::Unreadable { .. })), "{text}");
        assert_eq!(std::fs::read_to_string(&fixture.registry).unwrap(), text);
    }
}

#[test]
fn read_waits_for_a_torn_file() {
    let fixture = fixture("{\"1\":");
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| fixture.store.read_with_retry());
        std::thread::sleep(Duration::from_millis(60));
        std::fs::write(&fixture.registry, "{\"1\": {}}").unwrap();
        assert_eq!(reading.join().unwrap().unwrap().entries().len(), 1);
    });
}

#[cfg(unix)]
#[test]
fn a_named_link_is_followed() {
    let fixture = fixture("{}");
    let link = fixture.registry.with_file_name("link.json");
    std::os::unix::fs::symlink(&fixture.registry, &link).unwrap();
    Store::new(link.clone()).update(&fixture.journal, &meta(), |_| Ok(Ok(write("{ }")))).unwrap();
    assert!(link.is_symlink());
    assert_eq!(std::fs::read_to_string(&fixture.registry).unwrap(), "{ }");
    let nowhere = fixture.registry.with_file_name("nowhere.json");
    std::os::unix::fs::symlink("/nonexistent/x.json", &nowhere).unwrap();
    assert!(Store::new(nowhere).read().is_err());
}

#[cfg(unix)]
#[test]
fn reading_a_pipe_or_folder_does_not_block() {
    let fixture = fixture("{}");
    let pipe = fixture.registry.with_file_name("pipe.json");
    crate::files::file::make_pipe(&pipe);
    assert!(matches!(Store::new(pipe).read(), Err(Error::NotAFile { .. })));
    let folder = fixture.registry.parent().unwrap().to_owned();
    assert!(matches!(Store::new(folder).read(), Err(Error::NotAFile { .. })));
}

#[test]
fn an_unchanged_text_is_not_written() {
    let fixture = fixture("{}");
    let ((), change) = fixture.store.update(&fixture.journal, &meta(), |_| Ok(Ok(write("{}")))).unwrap();
    assert_eq!(change, None);
    assert!(!fixture.journal.path().exists());
}
