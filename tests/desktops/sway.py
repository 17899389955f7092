"""sway with waybar and mako, without a screen."""

import glob
import json
import os
import subprocess
import sys

from PIL import Image

from pointer import Pointer
from tray import owns
from waiting import check, share_environment, until

WIDTH, HEIGHT, BAR = 1280, 800, 30
STYLE = "* { font: 14px sans-serif; min-height: 0; } window { background: #20242c; color: #fff; } button { color: #fff; } #tray { padding: 0 8px; }"


class Desktop:
    """The compositor and its programs. They end with the bus."""

    # A click of the left button on the icon opens the window.
    clicks_to_open = 1
    environment = {"XDG_CURRENT_DESKTOP": "sway", "XDG_SESSION_TYPE": "wayland", "GDK_BACKEND": "wayland"}
    bar = (0, 0, WIDTH, BAR)

    def start(self):
        """Returns when a host for tray icons and a notification server are there."""
        home, run = os.environ["HOME"], os.environ["XDG_RUNTIME_DIR"]
        os.environ.update(WLR_BACKENDS="headless", WLR_RENDERER="pixman", WLR_LIBINPUT_NO_DEVICES="1")
        with open(f"{home}/sway", "w") as file:
            file.write(
                f"output HEADLESS-1 resolution {WIDTH}x{HEIGHT} background #2f4a63 solid_color\n"
                "xwayland disable\ndefault_border none\nfocus_follows_mouse no\n"
            )
        with open(f"{home}/waybar", "w") as file:
            json.dump({"height": BAR, "modules-left": ["sway/workspaces"], "modules-right": ["tray"], "tray": {"icon-size": 20}}, file)
        with open(f"{home}/waybar.css", "w") as file:
            file.write(STYLE)
        subprocess.Popen(["sway", "-c", f"{home}/sway"])
        [os.environ["SWAYSOCK"]] = until("sway runs", lambda: glob.glob(f"{run}/sway-ipc.*.sock"))
        [display] = until("its display is there", lambda: [path for path in glob.glob(f"{run}/wayland-?")])
        os.environ["WAYLAND_DISPLAY"] = os.path.basename(display)
        share_environment()
        self._pointer = Pointer(WIDTH, HEIGHT)
        subprocess.Popen(["mako", "--default-timeout", "0", "--anchor", "top-right"])
        subprocess.Popen(["waybar", "-c", f"{home}/waybar", "-s", f"{home}/waybar.css"], stdout=sys.stderr)
        until("mako runs", lambda: owns("org.freedesktop.Notifications"))
        until("waybar hosts tray icons", lambda: owns("org.kde.StatusNotifierWatcher"))

    def picture(self, name):
        """A picture of the screen."""
        path = f"{os.environ['HOME']}/pictures/{name}.png"
        subprocess.run(["grim", path], check=True)
        return Image.open(path)

    def click(self, x, y, _times=1):
        self._pointer.click(x, y)

    def hover(self, notification):
        """mako has no time limit here."""

    def press(self, notification, label):
        """mako draws no buttons: people choose from its menu of actions."""
        subprocess.run(["makoctl", "menu", "-n", str(notification["id"]), "grep", "-Fx", label], check=True)

    def click_text(self, notification):
        """A click into the newest notification, which is at the upper right."""
        self._pointer.click(WIDTH - 150, BAR + 40)

    def workspace(self, number):
        subprocess.run(["swaymsg", f"workspace {number}"], check=True, stdout=subprocess.DEVNULL)

    def _nodes(self):
        """The nodes of sway's tree, each with its workspace."""
        tree = json.loads(subprocess.run(["swaymsg", "-t", "get_tree"], check=True, capture_output=True).stdout)

        def walk(node, workspace=None):
            workspace = node["name"] if node.get("type") == "workspace" else workspace
            yield node, workspace
            for child in node.get("nodes", []) + node.get("floating_nodes", []):
                yield from walk(child, workspace)

        return walk(tree)

    def window(self):
        """The app's window: its workspace, whether it has the focus, its box and its app id."""
        for node, workspace in self._nodes():
            if node.get("pid") and node.get("name") == "Headcount":
                left, top, width, height = (node["rect"][key] for key in ("x", "y", "width", "height"))
                return {
                    "workspace": int(workspace), "focused": node["focused"], "id": node["app_id"],
                    "box": (left, top, left + width, top + height),
                }
        return None

    def set_dark(self, is_dark):
        scheme = "prefer-dark" if is_dark else "prefer-light"
        subprocess.run(["gsettings", "set", "org.gnome.desktop.interface", "color-scheme", scheme], check=True)

    def names(self):
        """sway shows no names of programs."""
        return {}

    def more(self, _story):
        """`show` brings the terminal of a session to the front: foot, on another workspace, by the session's process."""
        home = os.environ["HOME"]
        command, folder = f"{home}/headcount", f"{home}/shown"
        os.makedirs(folder)
        self.workspace(5)
        subprocess.Popen(["foot", "sh", "-c", f"echo $$ >{folder}/pid.new; mv {folder}/pid.new {folder}/pid; exec sleep 1000"])
        until("a session runs in foot", lambda: os.path.exists(f"{folder}/pid"))
        with open(f"{folder}/pid") as file:
            pid = file.read().strip()
        with open(f"/proc/{pid}/stat") as file:
            started = file.read().rpartition(")")[2].split()[19]
        with open("/etc/machine-id") as file:
            domain = f"linux:{file.read().strip()}:{os.readlink(f'/proc/{pid}/ns/pid')}"
        process = {"pid": int(pid), "proc_start": started, "pid_domain": domain}
        entry = {"session_id": "s", "number": 1, "role": "r", "status": "active", "claude": process}
        with open(f"{folder}/claude_sessions.json", "w") as file:
            json.dump({"1": entry}, file)
        self.workspace(6)
        said = subprocess.run([command, "--registry", file.name, "show", "1"], capture_output=True, text=True, check=False)
        check(f"show names foot: {said.stdout.strip()}", "foot" in said.stdout)
        until("foot has the focus, on workspace 5", lambda: self._focused() == ("foot", 5))

    def _focused(self):
        """The app id and the workspace of the focused window."""
        for node, workspace in self._nodes():
            if node["focused"] and node.get("app_id"):
                return node["app_id"], int(workspace)
        return None
