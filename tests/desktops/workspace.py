"""A workspace of sessions that are registered as active: a registry and its heartbeats."""

import datetime
import json
import os

ROLES = [
    "Builder, marketing engine", "Architect", "Value architect", "Coordinator", "Collective mind", "Catalyst",
    "Dashboard", "Unified chat", "Revenue services", "Empire builder", "Execution", "Chief architect",
]


class Workspace:
    """In a folder of its own. Sessions are numbered from 1."""

    def __init__(self, folder):
        self.registry, self._beats = f"{folder}/claude_sessions.json", f"{folder}/heartbeats"
        os.makedirs(self._beats)

    def register(self, number):
        """So many sessions."""
        entries = {
            str(one): {
                "session_id": f"session-{one}", "number": one, "role": ROLES[one - 1], "status": "active",
                "registered_at": "2025-11-15T22:15:00Z",
            }
            for one in range(1, number + 1)
        }
        # As the store does, so that no half of a file is ever seen.
        with open(f"{self.registry}.new", "w") as file:
            json.dump(entries, file, indent=2)
        os.replace(f"{self.registry}.new", self.registry)

    def text(self):
        with open(self.registry) as file:
            return file.read()

    def count(self, status):
        """How many sessions have this status."""
        return sum(entry["status"] == status for entry in json.loads(self.text()).values())

    def beat(self, number, minutes=0):
        """A sign of life, so many minutes ago."""
        now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
        path = f"{self._beats}/{now:%Y-%m-%d_%H-%M-%S}-session-{number}.json"
        with open(f"{path}.new", "w") as file:
            json.dump({"session_number": number, "timestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}", "type": "identity_heartbeat"}, file)
        os.utime(f"{path}.new", (now.timestamp(), now.timestamp()))
        os.replace(f"{path}.new", path)

    def silence(self, number):
        """Removes all signs of life."""
        for name in os.listdir(self._beats):
            if name.endswith(f"-session-{number}.json"):
                os.remove(f"{self._beats}/{name}")
