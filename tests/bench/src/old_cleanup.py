"""An imitation of the script that Headcount replaces, in its form: for each session one find, sort and head through a
shell, then one stat. `old_cleanup.py REGISTRY HEARTBEATS TIMEOUT_MINUTES` lists the stale sessions and changes nothing."""

import json
import os
import subprocess
import sys
import time

registry, heartbeats, timeout = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(registry, encoding="utf-8") as file:
    sessions = json.load(file)

now = time.time()
active, stale = [], []
print("Checking sessions:\n")
for number in sorted(sessions, key=int):
    session = sessions[number]
    name = session.get("session_id", f"session-{number}")
    found = subprocess.run(
        f"find '{heartbeats}' -name '*-{name}.json' 2>/dev/null | sort -r | head -1",
        shell=True, capture_output=True, text=True, check=False,
    ).stdout.strip()
    age = None
    if found:
        age = now - os.stat(found).st_mtime
    if session.get("status") != "active":
        continue
    if age is not None and age <= timeout * 60:
        active.append(number)
        print(f"  ✅ Session #{number} ({name})")
    else:
        stale.append(number)
        print(f"  💤 Session #{number} ({name})")

print(f"\nSummary:\n  ✅ Active sessions: {len(active)}\n  💤 Stale sessions: {len(stale)}")
