"""Plasma: KWin as a Wayland compositor in a window of an X server, with plasmashell and kded."""

import json
import os
import subprocess
import sys
import time

from gi.repository import GLib
from PIL import ImageGrab

from screen import display
from tray import call, owns
from waiting import check, note, share_environment, until

WIDTH, HEIGHT, BAR = 1280, 800, 48
SOCKET = "wayland-0"
# What KWin tells about the app's window. A script has no answer: it calls this program on the bus.
WINDOW = """
const w = workspace.windowList().find(w => w.caption === "Headcount" && w.normalWindow);
const at = w && workspace.desktops.indexOf(w.desktops[0]) + 1;
print("HEADCOUNT" + JSON.stringify(w ? {workspace: w.desktops.includes(workspace.currentDesktop) ?
    workspace.desktops.indexOf(workspace.currentDesktop) + 1 : at, focused: workspace.activeWindow === w, id: w.desktopFileName,
    box: [w.frameGeometry.x, w.frameGeometry.y, w.frameGeometry.x + w.frameGeometry.width,
    w.frameGeometry.y + w.frameGeometry.height].map(Math.round)} : null));
"""


class Desktop:
    """The shell and its parts. They end with the bus."""

    environment = {
        "XDG_CURRENT_DESKTOP": "KDE", "XDG_SESSION_DESKTOP": "KDE", "XDG_SESSION_TYPE": "wayland", "KDE_FULL_SESSION": "true",
        "KDE_SESSION_VERSION": "6", "QT_QPA_PLATFORM": "wayland", "GDK_BACKEND": "wayland", "KWIN_COMPOSE": "Q",
        "QT_QUICK_BACKEND": "software", "XDG_CONFIG_DIRS": "/etc/xdg", "XDG_MENU_PREFIX": "plasma-",
        "QT_LOGGING_RULES": "kwin_scripting.debug=true;js.debug=true;*.info=false",
    }
    clicks_to_open = 1
    bar = (WIDTH // 2, HEIGHT - BAR, WIDTH, HEIGHT)

    def start(self):
        """Returns when a host for tray icons and a notification server are there."""
        home, run = os.environ["HOME"], os.environ["XDG_RUNTIME_DIR"]
        os.makedirs(f"{home}/.config", exist_ok=True)
        with open(f"{home}/.config/kwinrc", "w") as file:
            file.write("[Desktops]\nNumber=6\nRows=1\n")
        self._x = display(WIDTH, HEIGHT)
        # KWin asks for the portal as soon as it runs.
        os.environ["WAYLAND_DISPLAY"] = SOCKET
        share_environment()
        self._journal = f"{home}/kwin.log"
        with open(self._journal, "w") as log:
            subprocess.Popen(
                ["kwin_wayland", "--x11-display", self._x, "--width", str(WIDTH), "--height", str(HEIGHT), "--no-lockscreen",
                 "--no-global-shortcuts", "--socket", SOCKET],
                stdout=log, stderr=log, env=os.environ | {"QT_FORCE_STDERR_LOGGING": "1"},
            )
        until("KWin runs", lambda: os.path.exists(f"{run}/{SOCKET}"), 60)
        subprocess.Popen(["kbuildsycoca6"], stdout=sys.stderr).wait()
        for program in ("kded6", "plasmashell"):
            subprocess.Popen([program], stdout=sys.stderr)
        until("plasmashell hosts tray icons", lambda: owns("org.kde.StatusNotifierWatcher"), 60)
        until("plasmashell shows notifications", lambda: owns("org.freedesktop.Notifications"), 60)
        version = subprocess.run(["plasmashell", "--version"], capture_output=True, text=True, check=False)
        note(version.stdout.strip())
        # The panel slides in.
        time.sleep(4)

    def picture(self, name):
        """A picture of the screen."""
        path = f"{os.environ['HOME']}/pictures/{name}.png"
        picture = ImageGrab.grab(xdisplay=self._x)
        picture.save(path)
        return picture

    def _xdotool(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], check=True, env=os.environ | {"DISPLAY": self._x})

    def click(self, x, y, times=1, stays=False):
        self._xdotool("mousemove", x + 1, y, "sleep", "0.2", "mousemove", x, y, "sleep", "0.2", "click", "--repeat", times, 1)
        if not stays:
            self._xdotool("sleep", "0.1", "mousemove", WIDTH // 2, HEIGHT // 2)

    def hover(self, _notification):
        """A popup below the pointer stays. Otherwise it is in the history after five seconds."""
        for step in (1, 0):
            self._xdotool("mousemove", WIDTH - 200 + step, HEIGHT - BAR - 70, "sleep", "0.1")

    def press(self, notification, label):
        """The buttons are in a row, in the order of the actions."""
        labels = [one for one in notification["actions"] if notification["actions"][one] != "default"]
        buttons = until(f"the buttons {', '.join(labels)}", lambda: self._steady(len(labels)))
        left, right, bottom = buttons[labels.index(label)]
        self.click((left + right) // 2, bottom - 10, stays=True)

    def _buttons(self, number):
        """Left, right and bottom of so many buttons: runs of white at the lowest place that has them."""
        pixels = self.picture("buttons").convert("RGB").load()
        for y in range(HEIGHT - BAR - 1, HEIGHT // 2, -1):
            runs, start = [], None
            for x in range(WIDTH // 2, WIDTH):
                is_white = min(pixels[x, y]) >= 250
                if is_white and start is None:
                    start = x
                elif not is_white and start is not None:
                    runs, start = runs + ([(start, x, y)] if x - start >= 24 else []), None
            if len(runs) == number:
                return runs
        return None

    def _steady(self, number):
        """The buttons when they do not move any more."""
        buttons = self._buttons(number)
        return buttons if buttons == self._buttons(number) else None

    def click_text(self, notification):
        """Above its buttons is the text."""
        labels = [one for one in notification["actions"] if notification["actions"][one] != "default"]
        buttons = until("the notification", lambda: self._steady(len(labels)))
        self.click(buttons[-1][1] - 200, buttons[0][2] - 45)

    def workspace(self, number):
        where = "org.kde.KWin.VirtualDesktopManager"
        get = GLib.Variant("(ss)", (where, "desktops"))
        desktops = call("org.kde.KWin", "/VirtualDesktopManager", "org.freedesktop.DBus.Properties", "Get", get)[0]
        wanted = GLib.Variant("(ssv)", (where, "current", GLib.Variant("s", desktops[number - 1][1])))
        call("org.kde.KWin", "/VirtualDesktopManager", "org.freedesktop.DBus.Properties", "Set", wanted)

    def window(self):
        """The app's window: its workspace, whether it has the focus, its box and its desktop file."""
        path = f"{os.environ['HOME']}/window.js"
        with open(path, "w") as file:
            file.write(WINDOW)
        with open(self._journal) as log:
            log.seek(0, os.SEEK_END)
            scripting = ("org.kde.KWin", "/Scripting", "org.kde.kwin.Scripting")
            number = call(*scripting, "loadScript", GLib.Variant("(ss)", (path, "headcount-window")))[0]
            call("org.kde.KWin", f"/Scripting/Script{number}", "org.kde.kwin.Script", "run")
            time.sleep(0.2)
            call(*scripting, "unloadScript", GLib.Variant("(s)", ("headcount-window",)))
            said = [line.partition("HEADCOUNT")[2] for line in log if "HEADCOUNT" in line]
        if not said:
            raise LookupError("KWin said nothing")
        return json.loads(said[-1])

    def set_dark(self, is_dark):
        theme = "BreezeDark" if is_dark else "BreezeLight"
        subprocess.run(["plasma-apply-colorscheme", theme], check=True, stdout=sys.stderr)

    def names(self):
        """KWin's desktop file is that of the window; the pictures show the rest."""
        return {}

    def more(self, story):
        """A notification that is not shown any more is in the history, with buttons that work."""
        self.workspace(5)
        story.workspace.silence(5)
        offer = story.log.wait_for("1 session looks stale", 2)
        until("it is shown", lambda: self._steady(3))
        # Five seconds, and the time in which it fades.
        until("it is not shown any more", lambda: not self._buttons(3))
        check("but not closed", offer["shown"])
        left, top, _right, bottom = story.icon(1, True, "8-icon")
        # The bell is beside the icon.
        self.click(left - 18, (top + bottom) // 2)
        # There the click on the text is a button too, the first.
        _open, clean_up, *_others = until("it is in the history", lambda: self._steady(4))
        self.picture("8-history")
        self.click((clean_up[0] + clean_up[1]) // 2, clean_up[2] - 10)
        story.log.wait_for("1 session marked inactive")
