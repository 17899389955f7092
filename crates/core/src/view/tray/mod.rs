//! What the tray shows: the badge on its icon, the tooltip and the menu.

pub mod badge;
pub mod menu;
