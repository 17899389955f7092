//! `make demo`: the story of Headcount on a throw-away desktop, or with `--here` in the person's own.
//!
//! Promises: every step is really done, as a person would do it, and is seen to have happened before the next: the
//! badge is read from the panel, the button is clicked with the mouse, the registry is read back. Leaves a picture of
//! each step in the folder it is given. Touches nothing of the person's own registry.

#[cfg(target_os = "linux")]
mod here;
#[cfg(target_os = "linux")]
mod story;

/// What a step may fail with.
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
        here::tell(app.as_ref()).await
    } else {
        story::tell(app.as_ref(), pictures.as_ref()).await
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    eprintln!("The demo needs Linux: it brings its own X server, panel and notification server.");
    std::process::ExitCode::FAILURE
}
