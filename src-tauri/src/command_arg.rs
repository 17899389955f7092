//! Deserializes the arguments of the page's requests.
//!
//! Guarantees: an invalid argument is rejected with a code and a message, like every other failure, and the command
//! does not run. Checks types only; the engine checks values.

use headcount_core::view::snapshot::wire::Failure;
use serde::Deserialize;
use tauri::Runtime;
use tauri::ipc::{CommandArg, CommandItem, InvokeError};

/// One argument of a request.
pub(crate) struct Arg<T>(pub(crate) T);

impl<'de, R: Runtime, T: Deserialize<'de>> CommandArg<'de, R> for Arg<T> {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let (name, key) = (command.name, command.key);
        T::deserialize(command).map(Self).map_err(|error| {
            let message = format!("The request “{name}” is invalid, because of its “{key}”: {error}");
            InvokeError::from(Failure { code: "bad_request".into(), message })
        })
    }
}
