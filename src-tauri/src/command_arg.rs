//! What the page says with a request, taken apart.
//!
//! Promises: what cannot be understood is refused with a code and a sentence, as everything else is, and the command does
//! not run. Does not know what makes sense: the engine does.

use headcount_core::view::snapshot::wire::Failure;
use serde::Deserialize;
use tauri::Runtime;
use tauri::ipc::{CommandArg, CommandItem, InvokeError};

/// A part of a request.
pub(crate) struct Arg<T>(pub(crate) T);

impl<'de, R: Runtime, T: Deserialize<'de>> CommandArg<'de, R> for Arg<T> {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let (name, key) = (command.name, command.key);
        T::deserialize(command).map(Self).map_err(|error| {
            let message = format!("The request “{name}” makes no sense here, because of its “{key}”: {error}");
            InvokeError::from(Failure { code: "bad_request".into(), message })
        })
    }
}
