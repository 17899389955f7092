"""What programs and the notification server say to each other, read from the bus."""

import json
import subprocess
import threading

from waiting import until

SERVER = "org.freedesktop.Notifications"


class Log:
    """All notifications of the app since the start, each with whether it is still shown and what was pressed."""

    def __init__(self):
        self.sent, self._calls = [], {}
        self._monitor = subprocess.Popen(
            ["busctl", "--user", "--json=short", "monitor"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._monitor.stdout:
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue

    def _take(self, message):
        member, data = message.get("member"), message.get("payload", {}).get("data", [])
        # GNOME's server hands each on to the shell: only what it got itself counts, and what it says itself.
        is_asked = member == "Notify" and message.get("destination") == SERVER
        if message["type"] == "method_call" and is_asked:
            keys = data[5]
            hints = {name: value["data"] for name, value in data[6].items()}
            self._calls[message["sender"], message["cookie"]] = {
                "app": data[0], "icon": data[2], "title": data[3], "body": data[4],
                "actions": dict(zip(keys[1::2], keys[::2])), "hints": hints, "pressed": [], "shown": True,
            }
        elif message["type"] == "method_return":
            call = self._calls.pop((message.get("destination"), message.get("reply_cookie")), None)
            if call:
                self.sent.append(call | {"id": data[0], "server": message["sender"]})
        elif message["type"] == "signal" and member in ("NotificationClosed", "ActionInvoked"):
            # An id may be in use again: the newest counts.
            named = [one for one in self.sent if (one["id"], one["server"]) == (data[0], message["sender"])]
            for one in named[-1:]:
                if member == "ActionInvoked":
                    one["pressed"].append(data[1])
                else:
                    one["shown"] = False

    def titled(self, start):
        """The notifications with this title so far."""
        return [one for one in self.sent if one["title"].startswith(start)]

    def wait_for(self, start, number=1):
        """Waits for the `number`th notification with this title."""
        found = until(f"the notification “{start}”", lambda: self.titled(start)[number - 1 :])
        return found[0]
