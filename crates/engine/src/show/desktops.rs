//! Gives the focus to windows, through the window system in use.

use std::io::Write as _;

use headcount_core::terminal::Trace;
use headcount_core::terminal::desktops::{hyprland, kwin, sway, text, windows_of};

use super::tools::Tools;
use super::{Step, Strategy};

pub(super) fn all() -> Vec<Box<dyn Strategy>> {
    let mut all: Vec<Box<dyn Strategy>> = vec![Box::new(Sway), Box::new(Hyprland)];
    #[cfg(target_os = "linux")]
    all.push(Box::new(super::x11::X11));
    all.push(Box::new(Kwin));
    all
}

struct Sway;

impl Strategy for Sway {
    fn name(&self) -> &'static str {
        "sway"
    }

    fn show(&self, trace: &Trace, tools: &dyn Tools) -> Result<Step, String> {
        let socket = sway::socket(trace)?;
        let windows = sway::windows(&tools.run(&sway::list(&socket))?);
        let (name, ids) = windows_of(trace, &windows).ok_or("none of its windows is of the terminal")?;
        let id = ids.first().ok_or("no window")?;
        tools.run(&sway::focus(&socket, **id))?;
        Ok(Step::Done(text(name, ids.len(), false)))
    }
}

struct Hyprland;

impl Strategy for Hyprland {
    fn name(&self) -> &'static str {
        "Hyprland"
    }

    fn show(&self, trace: &Trace, tools: &dyn Tools) -> Result<Step, String> {
        let instance = hyprland::instance(trace)?;
        let windows = hyprland::windows(&tools.run(&hyprland::list(&instance))?);
        let (name, addresses) = windows_of(trace, &windows).ok_or("none of its windows is of the terminal")?;
        let address = addresses.first().ok_or("no window")?;
        let mut said = String::new();
        for command in hyprland::focus(&instance, address) {
            match tools.run(&command) {
                Ok(output) if output.trim() == "ok" => return Ok(Step::Done(text(name, addresses.len(), false))),
                Ok(output) | Err(output) => said = output,
            }
        }
        Err(format!("Hyprland refused: {}", said.trim()))
    }
}

struct Kwin;

impl Strategy for Kwin {
    fn name(&self) -> &'static str {
        "KWin"
    }

    fn show(&self, trace: &Trace, tools: &dyn Tools) -> Result<Step, String> {
        kwin::check(trace)?;
        // The file has a random name and is readable by its owner only.
        let mut file = tempfile::Builder::new()
            .prefix("headcount-")
            .suffix(".js")
            .tempfile()
            .map_err(|error| error.to_string())?;
        file.write_all(kwin::script(trace).as_bytes()).map_err(|error| error.to_string())?;
        let path = file.path().to_str().ok_or("the path of temporary files is not Unicode")?;
        let name = file.path().file_stem().and_then(|name| name.to_str()).ok_or("the file has no name")?;
        let output = tools.run(&kwin::load(trace, path, name))?;
        let number = kwin::number(&output).ok_or("KWin did not load the script")?;
        let ran = kwin::run(trace, number).iter().map(|command| tools.run(command)).find(Result::is_ok);
        drop(tools.run(&kwin::unload(trace, name)));
        ran.map(|_| Step::Done(kwin::text(trace))).ok_or_else(|| "KWin did not run the script".into())
    }
}
