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
    const REMOTE: [&str; 6] = ["nfs", "smbfs", "afpfs", "webdav", "ftp", "macfuse"];
    rustix::fs::statfs(folder).is_ok_and(|found| {
        let name: Vec<u8> = found.f_fstypename.iter().map(|c| c.cast_unsigned()).take_while(|c| *c != 0).collect();
        REMOTE.iter().any(|remote| remote.as_bytes() == name)
    })
}

/// Whether a folder is on another machine, by its name or by the drive that stands for that name.
#[cfg(windows)]
pub(super) fn is_remote(folder: &Path) -> bool {
    use std::path::{Component, Prefix};
    let real = std::fs::canonicalize(folder);
    let prefix = real.as_ref().map(|real| real.components().next());
    matches!(
        prefix,
        Ok(Some(Component::Prefix(prefix))) if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    )
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(super) fn is_remote(_folder: &Path) -> bool {
    false
}
