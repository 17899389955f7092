//! Permissions, other users, untrusted folders, and which files are written.

#[cfg(target_os = "linux")]
mod access_lists;
mod other_users;
mod permissions;
pub(crate) mod unprivileged_user;
mod untrusted_clone;
mod written_files;
