"""scenario.py DESKTOP: the same story on every desktop, as a person sees it.

The number is read from a picture of the panel. A button of the notification is pressed once: the registry is cleaned up once,
and the notification with *Undo* stays. A click on the icon, on a notification's text and a second start bring the open window
to the workspace in use, focused; a click on the text changes nothing. Page and title bar follow the desktop's dark style
while the window is open. SIGTERM withdraws what is shown.
"""

import importlib
import os
import signal
import subprocess
import sys
import time
import traceback

import tray
from notifications import Log
from waiting import Failed, check, note, until
from workspace import Workspace

HOME = os.environ["HOME"]
APP = f"{HOME}/headcount-tray"


def start(*arguments):
    """Starts the app."""
    return subprocess.Popen([APP, *arguments])


def samples():
    """What the icon looks like with each number: the app draws them, one after the other."""
    workspace, found = Workspace(f"{HOME}/samples"), {}
    workspace.register(1)
    for one in range(1, 10):
        workspace.beat(one)
    app = start("--registry", workspace.registry)
    item = tray.Item(app.pid)
    for number in range(1, 10):
        workspace.register(number)
        until(f"the icon of {number}", lambda: item.title() == f"Headcount: {number} active")
        found[number] = item.picture()
    app.terminate()
    check("the tray ends in order", app.wait(20) == 0)
    return found


class Story:
    """The steps, in order."""

    def __init__(self, desktop):
        self.desktop, self.log = desktop, Log()
        self.samples = samples()
        self.workspace = Workspace(f"{HOME}/registry")
        self.workspace.register(12)
        for number in range(1, 13):
            self.workspace.beat(number, 0 if number in (1, 5, 8) else 130 + 97 * number)
        self.before = self.workspace.text()
        self.app = start("--registry", self.workspace.registry)
        self.item = tray.Item(self.app.pid)

    def icon(self, number, has_dot, name):
        """Waits until the picture of the panel has this number. Returns the icon's place."""

        def seen():
            picture = self.desktop.picture(name)
            box = tray.find(picture, self.desktop.bar)
            is_right = box and tray.read(picture, box, self.samples) == number
            return is_right and tray.has_dot(picture, box) == has_dot and box

        return until(f"the panel shows {number} {'with' if has_dot else 'without'} a dot", seen)

    def window_here(self, what, workspace):
        """Waits until the window is on this workspace and has the focus."""

        def is_here():
            window = self.desktop.window()
            if not window or not window["focused"] or window["workspace"] != workspace:
                raise LookupError(window)
            return window

        window = until(what, is_here)
        # The app looks after 300 ms whether it has the focus, and would come along to the next workspace.
        time.sleep(0.6)
        return window

    def click_icon(self, number, has_dot, name):
        left, top, right, bottom = self.icon(number, has_dot, name)
        self.desktop.click((left + right) // 2, (top + bottom) // 2, self.desktop.clicks_to_open)

    def clean_up(self):
        """The offer is pressed once, and so is *Undo*."""
        offer = self.log.wait_for("9 sessions look stale")
        self.desktop.hover(offer)
        self.icon(3, True, "1-notification")
        self.desktop.press(offer, "Clean up")
        done = self.log.wait_for("9 sessions marked inactive")
        self.desktop.hover(done)
        self.icon(3, False, "2-cleaned-up")
        check("nine sessions are inactive", self.workspace.count("inactive") == 9)
        # An answer that counted twice would come at once.
        time.sleep(2)
        self.desktop.picture("2-cleaned-up")
        others = [one["title"] for one in self.log.sent if one not in (offer, done)]
        check(f"nothing else was said {others or ''}", not others)
        check("the offer is gone and Undo is there", not offer["shown"] and done["shown"] and "Undo" in done["actions"])
        note(f"presses reported: {offer['pressed']}")
        self.desktop.press(done, "Undo")
        self.log.wait_for("9 sessions restored")
        self.icon(3, True, "3-undone")
        check("the registry has its bytes back", self.workspace.text() == self.before)

    def raise_window(self):
        """The window comes to the person."""
        desktop = self.desktop
        self.click_icon(3, True, "4-icon")
        self.window_here("a click on the icon opens the window", 1)
        desktop.workspace(2)
        self.click_icon(3, True, "4-icon")
        self.window_here("a click on the icon brings it to workspace 2", 2)
        desktop.picture("5-window")
        desktop.workspace(3)
        start("--registry", self.workspace.registry)
        self.window_here("a second start brings it to workspace 3", 3)
        desktop.workspace(4)
        self.workspace.silence(8)
        offer = self.log.wait_for("1 session looks stale")
        desktop.hover(offer)
        self.icon(2, True, "6-stale")
        before = self.workspace.text()
        desktop.click_text(offer)
        window = self.window_here("a click on the notification brings it to workspace 4", 4)
        desktop.picture("6-review")
        check("that changed nothing", self.workspace.text() == before and offer["pressed"] == ["default"])
        return window

    def follow_style(self):
        """Dark and light, while the window is open."""

        def brightness(name):
            box = self.desktop.window()["box"]
            picture = self.desktop.picture(name).convert("L").crop(box)
            return sum(picture.getdata()) / (picture.width * picture.height)

        for is_dark in (True, False):
            self.desktop.set_dark(is_dark)
            if is_dark:
                until("the window is dark", lambda: brightness("7-dark") < 80)
            else:
                # Behind the review the page is darker.
                until("the window is light", lambda: brightness("7-light") > 140)

    def identity(self, window):
        """Name and icon of the app are those of its desktop file."""
        check(f"the window's id is the desktop file's ({window['id']})", window["id"] == "headcount-tray")
        for one in self.log.sent:
            check(f"so is that of “{one['title']}”", one["hints"].get("desktop-entry") == "headcount-tray")
        for what, (seen, wanted) in (self.desktop.names() or {}).items():
            check(f"{what}: {seen}", seen == wanted)

    def end(self):
        """Nothing stays."""
        self.app.send_signal(signal.SIGTERM)
        check("the tray ends in order", self.app.wait(20) == 0)
        until("no notification is left", lambda: not any(one["shown"] for one in self.log.sent))

    def tell(self):
        """All of it."""
        self.clean_up()
        window = self.raise_window()
        self.identity(window)
        self.follow_style()
        if hasattr(self.desktop, "more"):
            self.desktop.more(self)
        self.end()


def main():
    """Tells the story on the desktop that is named."""
    name = sys.argv[1]
    subprocess.Popen(["dbus-daemon", f"--config-file={HOME}/system-bus", "--nofork"])
    desktop = importlib.import_module(name).Desktop()
    os.environ.update(desktop.environment)
    began = time.monotonic()
    try:
        desktop.start()
        note(f"the desktop is up after {time.monotonic() - began:.1f} s")
        Story(desktop).tell()
    except Exception as failure:  # noqa: BLE001, whatever it is, there is a picture of it
        print(f"  FAILED on {name}: {failure}", flush=True)
        if not isinstance(failure, Failed):
            traceback.print_exc()
        try:
            desktop.picture("failure")
        except Exception:  # noqa: BLE001, a desktop that did not start has none
            pass
        return 1
    print(f"  {name}: all of it in {time.monotonic() - began:.0f} s")
    return 0


sys.exit(main())
