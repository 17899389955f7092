//! The paths by which programs are started: this program, and the command `headcount` that belongs to it.
//!
//! Guarantees: a path that is stored elsewhere (in Claude Code's settings, in a shell script) still leads to the
//! program after an upgrade, if such a path exists. Reads from the environment only how this process was started.
//! Starts nothing.

use std::path::{Path, PathBuf};

use crate::workspace::environment::Environment;

/// The command that belongs to another program of Headcount: the one in the same folder, else the first one in `PATH`.
/// If a folder of `PATH` leads to the one in the same folder, returns the path in `PATH`, which stays valid when a
/// newer version replaces the file. `None` if there is no command, or its path is not Unicode.
#[must_use]
pub fn command(program: &Path, env: &Environment) -> Option<String> {
    let name = format!("headcount{}", std::env::consts::EXE_SUFFIX);
    let real = |path: &PathBuf| std::fs::canonicalize(path).ok();
    let beside = Some(program.with_file_name(&name)).filter(|path| path.is_absolute() && is_program(path));
    let mut found = env.programs.iter().map(|folder| folder.join(&name)).filter(|path| is_program(path));
    let command = match beside {
        Some(beside) => found.find(|path| real(path) == real(&beside)).unwrap_or(beside),
        None => found.next()?,
    };
    command.into_os_string().into_string().ok()
}

/// Whether a path is an executable file.
#[cfg(unix)]
pub(crate) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// The path by which this program was started. Links are not resolved, because the path with links stays valid when a
/// newer version replaces the program. `None` if the system does not report the executable.
#[must_use]
pub fn program() -> Option<PathBuf> {
    let exe = std::env::current_exe().ok()?;
    let started_by = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let folders = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    Some(started_as(&started_by, exe, std::env::current_dir().ok(), folders))
}

fn started_as(started_by: &Path, exe: PathBuf, folder: Option<PathBuf>, folders: Vec<PathBuf>) -> PathBuf {
    let is_path = started_by.components().count() > 1;
    let folders = if is_path { folder.into_iter().collect() } else { folders };
    let real = std::fs::canonicalize(&exe).ok();
    // `components` drops the `.` parts that a shell leaves in the path.
    let candidates = folders.into_iter().map(|folder| folder.join(started_by).components().collect::<PathBuf>());
    let is_it = |path: &PathBuf| {
        let is_plain = path.is_absolute() && !path.components().any(|part| part == std::path::Component::ParentDir);
        is_plain && real.is_some() && std::fs::canonicalize(path).ok() == real
    };
    candidates.into_iter().find(is_it).unwrap_or(exe)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Creates a file with this mode.
    fn put(path: &Path, mode: u32) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn command_prefers_the_program_in_the_same_folder() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let placed = |folder: &str, mode| {
            let path = root.join(folder).join("headcount");
            put(&path, mode);
            path.to_str().map(str::to_owned)
        };
        let programs = ["none", "stale", "bin", "other"].map(|folder| root.join(folder)).to_vec();
        let env = Environment { programs, ..Environment::default() };
        let app = root.join("app/headcount-tray");
        placed("stale", 0o644);
        assert_eq!(command(&app, &env), None);
        let other = placed("other", 0o755);
        assert_eq!(command(&app, &env), other);
        let beside = placed("app", 0o755);
        assert_eq!(command(&app, &env), beside);
        // The link in `PATH` stays valid after an upgrade.
        std::fs::create_dir(root.join("bin")).unwrap();
        std::os::unix::fs::symlink(root.join("app/headcount"), root.join("bin/headcount")).unwrap();
        assert_eq!(command(&app, &env).as_deref(), root.join("bin/headcount").to_str());
        // The folder of this program is not known.
        assert_eq!(command(Path::new("headcount-tray"), &Environment::default()), None);
    }

    #[test]
    fn program_is_named_as_it_was_started() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        put(&root.join("cellar/1.0/headcount"), 0o755);
        put(&root.join("other/headcount"), 0o755);
        std::fs::create_dir(root.join("bin")).unwrap();
        let (exe, link) = (root.join("cellar/1.0/headcount"), root.join("bin/headcount"));
        std::os::unix::fs::symlink(&exe, &link).unwrap();
        let started = |started_by: &str, folders: Vec<PathBuf>| {
            started_as(Path::new(started_by), exe.clone(), Some(root.clone()), folders)
        };
        assert_eq!(started("headcount", vec![root.join("other"), root.join("bin")]), link);
        assert_eq!(started("./bin/headcount", vec![]), link);
        assert_eq!(started(link.to_str().unwrap(), vec![]), link);
        // Another program, a path with `..`, no name.
        assert_eq!(started("headcount", vec![root.join("other")]), exe);
        assert_eq!(started("bin/../bin/headcount", vec![root.join("bin")]), exe);
        assert_eq!(started("", vec![]), exe);
    }
}
