"""A pointer on a Wayland compositor without one, by the wlroots virtual pointer protocol."""

import os
import socket
import struct
import time

LEFT = 0x110


class Pointer:
    """Lives as long as its connection. Sizes are those of the whole screen."""

    def __init__(self, width, height):
        self.size = width, height
        path = os.path.join(os.environ["XDG_RUNTIME_DIR"], os.environ["WAYLAND_DISPLAY"])
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        display, registry, seat, manager, self._pointer = 1, 2, 4, 5, 6
        self._say(display, 1, struct.pack("=I", registry))
        offered = self._globals(display)
        self._bind(registry, offered, "wl_seat", 1, seat)
        self._bind(registry, offered, "zwlr_virtual_pointer_manager_v1", 1, manager)
        self._say(manager, 0, struct.pack("=II", seat, self._pointer))

    def _say(self, target, opcode, data=b""):
        self._socket.sendall(struct.pack("=IHH", target, opcode, 8 + len(data)) + data)

    def _globals(self, display):
        """What the compositor offers: the events until it answers a sync request."""
        done, offered, data = 3, {}, b""
        self._say(display, 0, struct.pack("=I", done))
        while True:
            data += self._socket.recv(65536)
            while len(data) >= 8:
                target, _opcode, size = struct.unpack_from("=IHH", data)
                if len(data) < size:
                    break
                if target == done:
                    return offered
                if target == 2:
                    name, length = struct.unpack_from("=II", data, 8)
                    offered[data[16 : 16 + length - 1].decode()] = name
                data = data[size:]

    def _bind(self, registry, offered, interface, version, new):
        text = interface.encode() + b"\0"
        padded = text + b"\0" * (-len(text) % 4)
        self._say(registry, 0, struct.pack("=II", offered[interface], len(text)) + padded + struct.pack("=II", version, new))

    def _frame(self, opcode, form, *values):
        now = time.monotonic_ns() // 1_000_000 & 0xFFFFFFFF
        self._say(self._pointer, opcode, struct.pack(form, now, *values))
        self._say(self._pointer, 4)

    def click(self, x, y, button=LEFT):
        """Moves to a point, clicks, and moves away, so that the pointer covers nothing. It moves twice to the point, so that the
        program below notices that it is entered."""
        for step in (1, 0):
            self._frame(1, "=IIIII", int(x) + step, int(y), *self.size)
            time.sleep(0.1)
        self._frame(2, "=III", button, 1)
        time.sleep(0.05)
        self._frame(2, "=III", button, 0)
        time.sleep(0.05)
        self._frame(1, "=IIIII", self.size[0] // 2, self.size[1] - 5, *self.size)
