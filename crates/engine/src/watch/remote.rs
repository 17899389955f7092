//! Whether a file system reports changes made by other machines.

use std::path::Path;

/// Whether a folder is on a file system that does not report changes made by other machines.
#[cfg(target_os = "linux")]
pub(super) fn is_remote(folder: &Path) -> bool {
    /// NFS, SMB, SMB2, CIFS, AFS, Ceph, 9P (WSL's drives), FUSE (sshfs and the like), as in `statfs(2)`.
    const REMOTE: [u32; 8] =
        [0x6969, 0x517b, 0xfe53_4d42, 0xff53_4d42, 0x5346_414f, 0x00c3_6400, 0x0102_1997, 0x6573_5546];
    rustix::fs::statfs(folder).is_ok_and(|found| REMOTE.contains(&(found.f_type as u32)))
}

/// Whether a folder is on a file system that does not report changes made by other machines.
#[cfg(target_os = "macos")]
pub(super) fn is_remote(folder: &Path) -> bool {
    rustix::fs::statfs(folder).is_ok_and(|found| is_remote_type(found.f_fstypename.iter().map(|c| c.cast_unsigned())))
}

/// Whether a name of a file system in a `statfs` of macOS, which ends with a zero, is that of a remote one.
#[cfg(any(target_os = "macos", test))]
fn is_remote_type(name: impl Iterator<Item = u8>) -> bool {
    const REMOTE: [&str; 6] = ["nfs", "smbfs", "afpfs", "webdav", "ftp", "macfuse"];
    let name: Vec<u8> = name.take_while(|byte| *byte != 0).collect();
    REMOTE.iter().any(|remote| remote.as_bytes() == name)
}

/// Whether a folder is on another machine, by its name or by the drive that stands for that name.
#[cfg(windows)]
pub(super) fn is_remote(folder: &Path) -> bool {
    std::fs::canonicalize(folder).is_ok_and(|real| is_on_a_share(&real))
}

#[cfg(windows)]
fn is_on_a_share(path: &Path) -> bool {
    use std::path::{Component, Prefix};
    matches!(
        path.components().next(),
        Some(Component::Prefix(prefix)) if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    )
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(super) fn is_remote(_folder: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_read_is_not_remote() {
        assert!(!is_remote(Path::new("no such folder")), "watching it fails with the reason");
    }

    #[test]
    fn network_file_systems_of_macos_are_remote() {
        for (name, wanted) in [("nfs", true), ("smbfs", true), ("apfs", false), ("hfs", false), ("nfs2", false)] {
            let padded = name.bytes().chain(std::iter::repeat_n(0, 16 - name.len()));
            assert_eq!(is_remote_type(padded), wanted, "{name}");
        }
    }

    #[cfg(windows)]
    #[test]
    fn shares_of_windows_are_remote() {
        for (path, wanted) in [
            (r"\\server\share\ws", true),
            (r"\\?\UNC\server\share\ws", true),
            (r"\\wsl.localhost\Debian\home", true),
            (r"C:\Users\me", false),
            (r"\\?\C:\Users\me", false),
        ] {
            assert_eq!(is_on_a_share(Path::new(path)), wanted, "{path}");
        }
    }
}
