//! `make demo`: the main scenario on a throw-away desktop, or with `--here` in the person's own.
//!
//! Guarantees: every step is done as a person would do it, and its result is checked before the next one: the
//! badge is read from the panel, the button is clicked with the mouse, the registry is read back. Saves a screenshot of
//! each step in the folder it is given. Does not use the registry of the person.

#[cfg(target_os = "linux")]
mod own_desktop;
#[cfg(target_os = "linux")]
mod test_desktop;

/// The error of a step.
#[cfg(target_os = "linux")]
type Outcome = Result<(), Box<dyn std::error::Error>>;

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> Outcome {
    let mut args = std::env::args_os().skip(1);
    let (Some(app), Some(pictures)) = (args.next(), args.next()) else {
        return Err("usage: demo APP PICTURES [--here]".into());
    };
    if args.next().is_some() {
        own_desktop::run(app.as_ref()).await
    } else {
        test_desktop::run(app.as_ref(), pictures.as_ref()).await
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    eprintln!("The demo needs Linux: it brings its own X server, panel and notification server.");
    std::process::ExitCode::FAILURE
}
