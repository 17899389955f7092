//! Copying permissions from a file to the one that replaces it.
//!
//! Guarantees: owner, group, mode, access list and extended attributes of the new file are exactly those of the old
//! one, or it is an error. Labels that only the system may set (`security.`) are copied as far as the system permits. A
//! file with capabilities is not changed, because the system removes them with every write.

use std::fs::{File, Metadata};
use std::io;

/// Copies owner, group, attributes and mode of an old file to a new one.
#[cfg(unix)]
pub(crate) fn adopt(new: &File, old: Option<&File>, about: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let made = new.metadata()?;
    if (made.uid(), made.gid()) != (about.uid(), about.gid()) {
        fchown(new, Some(about.uid()), Some(about.gid()))?;
    }
    if let Some(old) = old {
        attributes::adopt(new, old)?;
    }
    // The mode is set last: an access list changes the mode, and with an access list the mode is its mask.
    new.set_permissions(std::fs::Permissions::from_mode(about.mode() & 0o7777))
}

#[cfg(not(unix))]
pub(crate) fn adopt(new: &File, _old: Option<&File>, about: &Metadata) -> io::Result<()> {
    new.set_permissions(about.permissions())
}

/// Fails for a file with something that no way of changing it keeps.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn check(old: &File) -> io::Result<()> {
    if attributes::has_capabilities(old) {
        return Err(io::Error::other(
            "it has file capabilities, which the system removes with every write (remove them yourself with setcap -r)",
        ));
    }
    Ok(())
}

/// Other systems have nothing of that kind.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
pub(crate) fn check(_old: &File) -> io::Result<()> {
    Ok(())
}

/// Whether an error means that permissions cannot be copied, and not that the disk or the system failed.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

/// Whether a file belongs to another user.
pub(crate) fn is_of_another(about: &Metadata) -> bool {
    owner_if_another(about).is_some()
}

/// The owner's uid, if it is not this user.
pub(crate) fn owner_if_another(about: &Metadata) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        (about.uid() != rustix::process::geteuid().as_raw()).then(|| about.uid())
    }
    #[cfg(not(unix))]
    {
        let _ = about;
        None
    }
}

/// Whether a file has other names (hard links), which would keep the old text if it were replaced.
pub(crate) fn has_other_names(about: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        about.nlink() > 1
    }
    #[cfg(not(unix))]
    {
        let _ = about;
        false
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod attributes {
    use std::ffi::{CStr, CString};
    use std::fs::File;
    use std::io;

    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
    use rustix::io::Errno;

    /// Maximum size in bytes of the list of names and of a value (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
    const LIMIT: usize = 64 * 1024;

    pub(super) fn adopt(new: &File, old: &File) -> io::Result<()> {
        let (wanted, found) = (names(old)?, names(new)?);
        for name in &wanted {
            let Some(value) = value(old, name)? else { continue };
            if found.contains(name) && self::value(new, name)?.as_ref() == Some(&value) {
                continue;
            }
            carried(name, fsetxattr(new, name.as_c_str(), &value, XattrFlags::empty()))?;
        }
        // Attributes that a new file inherits from its folder, such as an access list, would widen access to this file.
        for name in found.iter().filter(|name| !wanted.contains(name)) {
            carried(name, fremovexattr(new, name.as_c_str()))?;
        }
        Ok(())
    }

    /// Whether the program in a file gets rights that its user does not have.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn has_capabilities(file: &File) -> bool {
        matches!(value(file, c"security.capability"), Ok(Some(value)) if !value.is_empty())
    }

    fn carried(name: &CStr, result: Result<(), Errno>) -> io::Result<()> {
        match result {
            Err(_) if is_system_attribute(name) => Ok(()),
            result => Ok(result?),
        }
    }

    /// Whether only the system, and not the file's owner, controls an attribute.
    fn is_system_attribute(name: &CStr) -> bool {
        let name = name.to_bytes();
        name.starts_with(b"security.") || name.starts_with(b"com.apple.")
    }

    fn names(file: &File) -> io::Result<Vec<CString>> {
        let mut list = Vec::with_capacity(LIMIT);
        match flistxattr(file, rustix::buffer::spare_capacity(&mut list)) {
            Ok(_) => {}
            // The file system does not support attributes.
            Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
        let names = list.split_inclusive(|byte| *byte == 0);
        Ok(names.filter_map(|name| CString::from_vec_with_nul(name.to_vec()).ok()).collect())
    }

    /// The value of an attribute; `None` if it is gone, or the system lists it without its value.
    fn value(file: &File, name: &CStr) -> io::Result<Option<Vec<u8>>> {
        let mut value = Vec::with_capacity(LIMIT);
        match fgetxattr(file, name, rustix::buffer::spare_capacity(&mut value)) {
            Ok(_) => Ok(Some(value)),
            Err(error) if is_system_attribute(name) || is_gone(error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn is_gone(error: Errno) -> bool {
        #[cfg(target_vendor = "apple")]
        return error == Errno::NOATTR;
        #[cfg(not(target_vendor = "apple"))]
        return error == Errno::NODATA;
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))))]
mod attributes {
    pub(super) fn adopt(_new: &std::fs::File, _old: &std::fs::File) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[cfg(any(target_os = "linux", target_os = "android"))]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::Path;

    use rustix::fs::{XattrFlags, getxattr, setxattr};
    use rustix::io::Errno;

    use crate::files::atomic::{OtherNames, prepare};

    const ACCESS: &str = "system.posix_acl_access";
    const CAPABILITY: &str = "security.capability";
    const DEFAULT: &str = "system.posix_acl_default";

    /// An access list: the owner reads and writes, user 65534 does, the group has no right, the mask is `rw`.
    fn list() -> Vec<u8> {
        let entries: [(u16, u16, u32); 5] =
            [(1, 6, u32::MAX), (2, 6, 65534), (4, 0, u32::MAX), (16, 6, u32::MAX), (32, 0, u32::MAX)];
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

    /// Sets an attribute. Returns whether the file system supports it.
    fn set(path: &Path, name: &str, value: &[u8]) -> bool {
        match setxattr(path, name, value, XattrFlags::empty()) {
            Ok(()) => true,
            Err(Errno::NOTSUP) => false,
            Err(error) => panic!("{error}"),
        }
    }

    fn change(path: &Path, text: &str) {
        prepare(path, text.as_bytes(), OtherNames::Follow).unwrap().put().unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    }

    #[test]
    fn replacement_keeps_access_list_and_attributes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        std::fs::write(&path, "old").unwrap();
        if !set(&path, ACCESS, &list()) || !set(&path, "user.origin", b"kept") {
            return;
        }
        for text in ["new", "and longer", ""] {
            change(&path, text);
            assert_eq!(get(&path, ACCESS), Some(list()));
            assert_eq!(get(&path, "user.origin"), Some(b"kept".to_vec()));
            assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o660);
        }
    }

    #[test]
    fn replacement_does_not_inherit_the_default_access_list_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        if !set(folder.path(), DEFAULT, &list()) {
            return;
        }
        change(&path, "new");
        assert_eq!(get(&path, ACCESS), None);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        // A new file inherits it.
        let new = folder.path().join("new.json");
        change(&new, "new");
        assert_eq!(get(&new, ACCESS), Some(list()));
    }

    #[test]
    fn a_file_with_capabilities_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        std::fs::write(&path, "old").unwrap();
        // Version 2, one permitted capability.
        let capabilities = [0x0200_0000_u32, 1 << 10, 0, 0, 0].map(u32::to_le_bytes).concat();
        match setxattr(&path, CAPABILITY, &capabilities, XattrFlags::empty()) {
            Ok(()) => {}
            // Only root can set them.
            Err(Errno::NOTSUP | Errno::PERM) => return,
            Err(error) => panic!("{error}"),
        }
        for second in [None, Some("second")] {
            if let Some(second) = second {
                std::fs::hard_link(&path, folder.path().join(second)).unwrap();
            }
            let error = prepare(&path, b"new", OtherNames::Follow).map(drop).unwrap_err().to_string();
            assert!(error.contains("capabilities") && error.contains("setcap -r"), "{error}");
            assert_eq!(get(&path, CAPABILITY), Some(capabilities.clone()));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1 + usize::from(second.is_some()));
        }
    }

    #[test]
    fn hard_links_follow_the_new_text() {
        let folder = tempfile::tempdir().unwrap();
        let (path, second) = (folder.path().join("r.json"), folder.path().join("second"));
        std::fs::write(&path, "old").unwrap();
        std::fs::hard_link(&path, &second).unwrap();
        for text in ["new", "and longer", "", "x"] {
            change(&path, text);
            assert_eq!(std::fs::read_to_string(&second).unwrap(), text);
        }
        // `OtherNames::Stay` keeps the old text under the other name.
        prepare(&path, b"other", OtherNames::Stay).unwrap().put().unwrap();
        assert_eq!(std::fs::read_to_string(&second).unwrap(), "x");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
