"""An X server without a screen."""

import os
import subprocess


def display(width, height):
    """Starts one, and returns its name. It ends with the bus."""
    reader, writer = os.pipe()
    subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"], pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as file:
        return f":{file.readline().strip()}"
