//! Access lists and other attributes of the files that the command changes: kept, or nothing is written.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use rustix::fs::{XattrFlags, getxattr, setxattr};
use rustix::io::Errno;

use crate::environment::{Environment, run, skipped};
use crate::strace;

const ACCESS: &str = "system.posix_acl_access";
const DEFAULT: &str = "system.posix_acl_default";
const ORIGIN: &str = "user.origin";
const CAPABILITY: &str = "security.capability";

/// A user without an account.
const PERSON: u32 = 54321;

/// An access list: the owner reads and writes, the group has no right, [`PERSON`] has these `rights`, which are also
/// the mask.
fn list(rights: u16) -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, rights, PERSON), (4, 0, u32::MAX), (16, rights, u32::MAX), (32, 0, u32::MAX)];
    let of = |(tag, rights, id): (u16, u16, u32)| {
        [&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    [2u32.to_le_bytes().to_vec(), entries.into_iter().flat_map(of).collect()].concat()
}

fn get(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = Vec::with_capacity(4096);
    match getxattr(path, name, rustix::buffer::spare_capacity(&mut value)) {
        Ok(_) => Some(value),
        Err(Errno::NODATA) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Sets an attribute. Returns whether the file system supports it and this user may.
fn set(path: &Path, name: &str, value: &[u8]) -> bool {
    match setxattr(path, name, value, XattrFlags::empty()) {
        Ok(()) => true,
        Err(Errno::NOTSUP | Errno::PERM) => {
            skipped(&format!("the attribute {name} cannot be set here"));
            false
        }
        Err(error) => panic!("{error}"),
    }
}

/// What a change must keep of a file: access list, another attribute, mode, owner and group.
type Rights = (Option<Vec<u8>>, Option<Vec<u8>>, u32, (u32, u32));

fn rights(path: &Path) -> Rights {
    let found = std::fs::metadata(path).unwrap();
    (get(path, ACCESS), get(path, ORIGIN), found.mode() & 0o7777, (found.uid(), found.gid()))
}

#[test]
fn a_change_keeps_access_list_and_attributes() {
    let env = Environment::twelve();
    let settings = env.home().join(".claude/settings.json");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(&settings, "{}").unwrap();
    for path in [&env.registry(), &settings] {
        if !set(path, ACCESS, &list(6)) || !set(path, ORIGIN, b"kept") {
            return;
        }
    }
    let before = (rights(&env.registry()), rights(&settings));
    assert_eq!(before.0.2, 0o660, "the mask is the group's part of the mode");
    for args in [&["cleanup"][..], &["undo"], &["register", "13", "--role", "r", "--goal", "g"], &["hooks", "install"]]
    {
        let text = (env.read_registry(), std::fs::read_to_string(&settings).unwrap());
        let done = env.run(args);
        assert_eq!(done.code, 0, "{args:?}: {done:?}");
        assert_ne!((env.read_registry(), std::fs::read_to_string(&settings).unwrap()), text, "{args:?}");
        assert_eq!((rights(&env.registry()), rights(&settings)), before, "{args:?}");
    }
}

#[test]
fn a_change_does_not_take_the_default_access_list_of_the_folder() {
    let env = Environment::twelve();
    std::fs::set_permissions(env.registry(), std::fs::Permissions::from_mode(0o640)).unwrap();
    if !set(&env.workspace(), DEFAULT, &list(6)) {
        return;
    }
    assert_eq!(env.run(&["cleanup"]).code, 0);
    let (list, _, mode, _) = rights(&env.registry());
    assert_eq!((list, mode), (None, 0o640));
}

#[test]
fn a_person_on_the_access_list_changes_the_file_in_place() {
    let env = Environment::twelve();
    let Some(person) = env.as_user(PERSON) else { return skipped("cannot become another user here") };
    let registry = env.registry();
    chown(&registry, Some(0), Some(0)).unwrap();
    let as_person = |args: &[&str]| {
        run(crate::access::unprivileged_user::clone(&person).arg("--registry").arg(&registry).args(args))
    };
    // May write it, and is not its owner.
    if !set(&registry, ACCESS, &list(6)) {
        return;
    }
    let before = (rights(&registry), env.read_registry());
    let done = as_person(&["cleanup"]);
    assert!(done.code == 0 && env.read_registry() != before.1, "{done:?}");
    assert_eq!(rights(&registry), before.0);
    assert_eq!(as_person(&["undo"]).code, 0);
    assert_eq!((rights(&registry), env.read_registry()), before);
    // May only read it.
    assert!(set(&registry, ACCESS, &list(4)));
    let before = (rights(&registry), env.read_registry());
    let refused = as_person(&["cleanup"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{refused:?}");
    assert!(refused.stderr.contains("keep mode and owner of"), "{refused:?}");
    assert_eq!((rights(&registry), env.read_registry()), before);
}

#[test]
fn a_list_that_cannot_be_copied_is_kept_by_writing_in_place_or_the_change_is_refused() {
    for (error, is_in_place) in [("EPERM", true), ("ENOSPC", false)] {
        let env = Environment::twelve();
        let registry = env.registry();
        if !set(&registry, ACCESS, &list(6)) {
            return;
        }
        let (before, inode) = ((rights(&registry), env.read_registry()), std::fs::metadata(&registry).unwrap().ino());
        let mut strace = env.program("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", &format!("inject=fsetxattr:error={error}")]);
        strace.arg(env!("CARGO_BIN_EXE_headcount")).arg("--registry").arg(&registry).arg("cleanup");
        if !strace::is_here(&env) {
            return skipped("no strace here to refuse an access list");
        }
        let done = run(&mut strace);
        assert_eq!((done.code == 0, env.read_registry() != before.1), (is_in_place, is_in_place), "{error}: {done:?}");
        assert!(is_in_place || done.stderr.contains("keep mode and owner of"), "{done:?}");
        assert_eq!((rights(&registry), std::fs::metadata(&registry).unwrap().ino()), (before.0, inode), "{error}");
    }
}

#[test]
fn a_registry_with_file_capabilities_is_not_changed() {
    let env = Environment::twelve();
    let capabilities = [0x0200_0000_u32, 1 << 10, 0, 0, 0].map(u32::to_le_bytes).concat();
    if !set(&env.registry(), CAPABILITY, &capabilities) {
        return;
    }
    let before = env.read_registry();
    let refused = env.run(&["cleanup"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{refused:?}");
    assert!(refused.stderr.contains("file capabilities") && refused.stderr.contains("setcap -r"), "{refused:?}");
    assert_eq!((get(&env.registry(), CAPABILITY), env.read_registry()), (Some(capabilities), before));
    assert_eq!(env.json(&["log"]).as_array().map(Vec::len), Some(0));
}
