"""Waiting for what a step is expected to cause, with a deadline."""

import subprocess
import time


def share_environment():
    """Gives this environment to what the bus starts: portals have to find the screen."""
    subprocess.run(["dbus-update-activation-environment", "--all"], check=True)


class Failed(Exception):
    """A step did not have the effect that it is expected to have."""


def until(what, ready, seconds=25):
    """Waits until `ready` returns something true, and returns that. Says what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found, why = ready(), ""
        except (OSError, KeyError, ValueError, RuntimeError, LookupError) as error:
            found, why = None, f" ({error})"
        if found:
            print(f"  ok: {what}", flush=True)
            return found
        if time.monotonic() > deadline:
            raise Failed(f"{what}{why}")
        time.sleep(0.05)


def check(what, holds):
    """Fails unless it holds."""
    if not holds:
        raise Failed(what)
    print(f"  ok: {what}", flush=True)


def note(text):
    """A fact for the reader, which is not asserted."""
    print(f"  · {text}", flush=True)
