//! System calls that fail, processes that are killed or cannot be read, and power losses.

mod io_faults;
#[cfg(target_os = "linux")]
mod namespaces;
mod power_loss;
mod power_loss_image;
mod registry_states;
mod syscall_faults;
