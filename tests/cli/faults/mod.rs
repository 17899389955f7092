//! System calls that fail, processes that are killed, and power losses.

mod io_faults;
mod power_loss;
mod power_loss_image;
mod syscall_faults;
