"""GNOME Shell with the AppIndicator extension: on an X server, or with HEADLESS=1 as a Wayland compositor without a screen.

It is asked and moved through its own `Eval`, which `--unsafe-mode` allows. Clicks are those of a virtual pointer, so that they
go the way of a real one.
"""

import glob
import json
import os
import subprocess
import sys
import time

from gi.repository import GLib
from PIL import Image

from screen import display
from tray import call, owns
from waiting import note, share_environment, until

WIDTH, HEIGHT, BAR = 1280, 800, 34
SETTINGS = [
    ("org.gnome.shell", "enabled-extensions", "['ubuntu-appindicators@ubuntu.com']"),
    ("org.gnome.shell", "welcome-dialog-last-shown-version", "'999'"),
    ("org.gnome.mutter", "dynamic-workspaces", "false"),
    ("org.gnome.desktop.wm.preferences", "num-workspaces", "6"),
    ("org.gnome.desktop.background", "picture-options", "'none'"),
    ("org.gnome.desktop.background", "primary-color", "'#2f4a63'"),
    ("org.gnome.desktop.session", "idle-delay", "0"),
    ("org.gnome.desktop.interface", "enable-animations", "false"),
]
WINDOW = """
const w = global.get_window_actors().map(a => a.meta_window).find(w => w.title === 'Headcount' && w.get_pid() > 0);
if (!w) return null;
const app = imports.gi.Shell.WindowTracker.get_default().get_window_app(w);
const r = w.get_frame_rect();
const here = global.workspace_manager.get_active_workspace();
return {workspace: w.get_workspace().index() + 1, focused: w.has_focus() && w.get_workspace() === here,
    box: [r.x, r.y, r.x + r.width, r.y + r.height], id: app.get_id().replace('.desktop', ''), name: app.get_name(),
    icon: app.get_icon().to_string()};
"""
# The centres of texts in notifications on the screen.
TEXTS = """
const places = [];
const look = actor => {
    if (actor.text === wanted && actor.is_mapped()) {
        const [x, y] = actor.get_transformed_position();
        const [w, h] = actor.get_transformed_size();
        places.push([x + w / 2, y + h / 2]);
    }
    actor.get_children().forEach(look);
};
look(Main.messageTray);
return places;
"""
# The shell starts with its overview.
READY = """
if (Main.layoutManager._startingUp) return false;
Main.overview.hide();
return !Main.overview.visible;
"""
# It says that it cannot lock the screen, and takes that back only while a person moves.
QUIET = """
const said = Main.messageTray.getSources();
globalThis.hasSpoken ||= said.length > 0;
said.forEach(source => source.destroy());
return globalThis.hasSpoken && Main.messageTray._notificationState === 0;
"""
POINTER = """
globalThis.pointer ??= imports.gi.Clutter.get_default_backend().get_default_seat()
    .create_virtual_device(imports.gi.Clutter.InputDeviceType.POINTER_DEVICE);
"""


def evaluate(code):
    """What a function with this code returns in the shell."""
    asked = GLib.Variant("(s)", (f"(() => {{ {code} }})()",))
    is_done, result = call("org.gnome.Shell", "/org/gnome/Shell", "org.gnome.Shell", "Eval", asked)
    if not is_done:
        raise ValueError(result)
    return json.loads(result) if result else None


class Desktop:
    """The shell. It ends with the bus."""

    is_headless = bool(os.environ.get("HEADLESS"))
    environment = {"XDG_CURRENT_DESKTOP": "GNOME", "XDG_SESSION_DESKTOP": "gnome", "XDG_SESSION_CLASS": "user"}
    # A single click opens the menu.
    clicks_to_open = 2
    bar = (WIDTH // 2, 0, WIDTH, BAR)

    def start(self):
        """Returns when a host for tray icons and a notification server are there."""
        for schema, key, value in SETTINGS:
            subprocess.run(["gsettings", "set", schema, key, value], check=True)
        if self.is_headless:
            os.environ.update(XDG_SESSION_TYPE="wayland", GDK_BACKEND="wayland")
            how = ["--wayland", "--no-x11", "--headless", "--virtual-monitor", f"{WIDTH}x{HEIGHT}"]
        else:
            os.environ.update(XDG_SESSION_TYPE="x11", GDK_BACKEND="x11", DISPLAY=display(WIDTH, HEIGHT))
            how = ["--x11"]
        share_environment()
        subprocess.Popen(["gnome-shell", "--unsafe-mode", *how], stdout=sys.stderr)
        until("GNOME Shell runs", lambda: owns("org.gnome.Shell") and evaluate("return Main.panel.visible;"), 60)
        if self.is_headless:
            [path] = until("its display is there", lambda: glob.glob(f"{os.environ['XDG_RUNTIME_DIR']}/wayland-?"))
            os.environ["WAYLAND_DISPLAY"] = os.path.basename(path)
            share_environment()
        until("the extension hosts tray icons", lambda: owns("org.kde.StatusNotifierWatcher"), 60)
        until("the overview is gone", lambda: evaluate(READY), 60)
        until("it has said what it lacks", self._is_quiet)
        version = subprocess.run(["gnome-shell", "--version"], capture_output=True, text=True, check=True)
        note(f"{version.stdout.strip()}, {os.environ['XDG_SESSION_TYPE']}")

    def picture(self, name):
        """A picture of the screen."""
        path = f"{os.environ['HOME']}/pictures/{name}.png"
        shot = GLib.Variant("(bbs)", (False, False, path))
        call("org.gnome.Shell.Screenshot", "/org/gnome/Shell/Screenshot", "org.gnome.Shell.Screenshot", "Screenshot", shot)
        return Image.open(path)

    def _move(self, x, y):
        evaluate(f"{POINTER} pointer.notify_absolute_motion(imports.gi.GLib.get_monotonic_time(), {x}, {y}); return 0;")

    def click(self, x, y, times=1):
        self._move(x, y)
        time.sleep(0.3)
        for is_pressed in (1, 0) * times:
            evaluate(
                f"{POINTER} pointer.notify_button(imports.gi.GLib.get_monotonic_time(), imports.gi.Clutter.BUTTON_PRIMARY,"
                f" {is_pressed}); return 0;"
            )
            time.sleep(0.03)

    def _is_quiet(self):
        for step in (0, 1):
            self._move(WIDTH // 2 + step, HEIGHT // 2)
        return evaluate(QUIET)

    def hover(self, notification):
        """Moves over the banner, which unfolds it and keeps it, and returns the place of its title."""
        text = notification["title"]
        x, y = until(f"the banner with “{text}”", lambda: evaluate(f"const wanted = {json.dumps(text)}; {TEXTS}"))[0]
        self._move(x, y)
        return x, y

    def press(self, notification, label):
        """Over the banner its buttons appear."""
        self.hover(notification)
        until(f"its button “{label}”", lambda: evaluate(f"const wanted = {json.dumps(label)}; {TEXTS}"))
        time.sleep(0.3)
        self.click(*evaluate(f"const wanted = {json.dumps(label)}; {TEXTS}")[0])

    def click_text(self, notification):
        self.click(*self.hover(notification))

    def workspace(self, number):
        evaluate(f"global.workspace_manager.get_workspace_by_index({number - 1}).activate(global.get_current_time()); return 0;")

    def window(self):
        """The app's window: its workspace, whether it has the focus, its box and its app's id, name and icon."""
        return evaluate(WINDOW)

    def set_dark(self, is_dark):
        scheme = "prefer-dark" if is_dark else "default"
        subprocess.run(["gsettings", "set", "org.gnome.desktop.interface", "color-scheme", scheme], check=True)

    def names(self):
        """What the shell calls the app: its window, and its notifications."""
        window, sources = self.window(), evaluate("return Main.messageTray.getSources().map(source => source.title);")
        return {
            "the window's name": (window["name"], "Headcount"),
            "its icon": (window["icon"], "headcount-tray"),
            "the notifications' name": (sorted(set(sources)), ["Headcount"]),
        }
