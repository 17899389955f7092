"""The app's tray item as its panel reads it, and reading the number in a picture."""

from gi.repository import Gio, GLib
from PIL import Image

# The tile of the icon while sessions run, and the dot for stale ones (src-tauri/src/icon).
TILE, DOT = (0x0F, 0x7B, 0x52), (0xDC, 0x6C, 0x04)
# The size at which icons are compared.
SIDE = 24


def call(name, path, interface, method, arguments=None, reply=None, bus=None):
    """Calls a method on the bus, and returns its results."""
    bus = bus or Gio.bus_get_sync(Gio.BusType.SESSION)
    kind = GLib.VariantType(reply) if reply else None
    return bus.call_sync(name, path, interface, method, arguments, kind, Gio.DBusCallFlags.NONE, 10000, None).unpack()


def owns(name):
    """Whether somebody on the bus has this name."""
    bus = "org.freedesktop.DBus"
    return call(bus, "/org/freedesktop/DBus", bus, "NameHasOwner", GLib.Variant("(s)", (name,)))[0]


class Item:
    """The tray item of a process."""

    def __init__(self, pid):
        self.name = f"org.kde.StatusNotifierItem-{pid}-1"

    def _property(self, name):
        asked = GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", name))
        try:
            return call(self.name, "/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get", asked)[0]
        except GLib.Error as error:
            raise LookupError(error.message) from error

    def title(self):
        """What the panel says about the item."""
        return self._property("Title")

    def picture(self):
        """The largest icon."""
        width, height, data = max(self._property("IconPixmap"))
        pixels = [tuple(data[at + 1 : at + 4]) + (data[at],) for at in range(0, len(data), 4)]
        image = Image.new("RGBA", (width, height))
        image.putdata(pixels)
        return image


def is_near(pixel, colour, by=40):
    """Whether a pixel has about this colour."""
    return all(abs(one - other) <= by for one, other in zip(pixel, colour))


def find(picture, area):
    """The box of the icon's tile in an area of a picture: the pixels of its colour, and the number inside."""
    left, top, right, bottom = area
    pixels = picture.convert("RGB").load()
    points = [(x, y) for y in range(top, bottom) for x in range(left, right) if is_near(pixels[x, y], TILE, 24)]
    if len(points) < 40:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    box = min(xs), min(ys), max(xs) + 1, max(ys) + 1
    # One tile is about a square; anything else is something else of that colour.
    return box if 10 <= box[2] - box[0] <= 64 and abs((box[2] - box[0]) - (box[3] - box[1])) <= 6 else None


def _ink(picture, box):
    """How white each point of the tile is, without the corner that has the mark."""
    tile = picture.convert("RGB").crop(box).resize((SIDE, SIDE), Image.LANCZOS)
    pixels = tile.load()
    is_corner = lambda x, y: x > SIDE * 0.55 and y < SIDE * 0.45  # noqa: E731
    return [
        0 if is_corner(x, y) else max(0, min(255, (pixels[x, y][0] - 0x0F) * 255 // 0xF0))
        for y in range(SIDE)
        for x in range(SIDE)
    ]


def read(picture, box, samples):
    """The number whose sample is most like the icon in a picture."""
    seen = _ink(picture, box)
    distance = {}
    for number, sample in samples.items():
        flat = Image.new("RGB", sample.size, TILE)
        flat.paste(sample, mask=sample.getchannel("A"))
        wanted = _ink(flat, find(flat, (0, 0, *sample.size)))
        distance[number] = sum(abs(one - other) for one, other in zip(seen, wanted))
    return min(distance, key=distance.get)


def has_dot(picture, box):
    """Whether the icon has the mark for stale sessions."""
    left, top, right, bottom = box
    near = picture.convert("RGB").crop((left, max(0, top - 8), right + 8, bottom))
    return sum(is_near(pixel, DOT) for pixel in near.getdata()) >= 3
