"""A hand scanner written from the USB HID usage tables (1.12, page 7) and its own manual's habits, not from the driver.

As a keyboard it sends boot reports (modifiers, one usage), which the kernel turns into input events the way its
hid-input does: key codes by usage, a scan code event before each key, releases in the next report. As a virtual serial
port it sends prefix, text and suffix in its own encoding.
"""

import struct

UNSHIFTED = {0x2C: " ", 0x2D: "-", 0x2E: "=", 0x2F: "[", 0x30: "]", 0x31: "\\", 0x33: ";", 0x34: "'", 0x35: "`",
             0x36: ",", 0x37: ".", 0x38: "/"}  # fmt: skip
SHIFTED = {0x1E: "!", 0x1F: "@", 0x20: "#", 0x21: "$", 0x22: "%", 0x23: "^", 0x24: "&", 0x25: "*", 0x26: "(", 0x27: ")",
           0x2D: "_", 0x2E: "+", 0x2F: "{", 0x30: "}", 0x31: "|", 0x33: ":", 0x34: '"', 0x35: "~", 0x36: "<", 0x37: ">",
           0x38: "?"}  # fmt: skip
LEFT_CTRL, LEFT_SHIFT = 0x01, 0x02

KERNEL = [
    0, 0, 0, 0, 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38,
    50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, 2, 3,
    4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26,
    27, 43, 43, 39, 40, 41, 51, 52, 53, 58,
]  # fmt: skip
"""Key code of each usage, 0x00 to 0x39."""

ENTER = 0x28


def reports(text: str) -> list[tuple[int, int]]:
    """(modifiers, usage) of each character and of Enter, each followed by everything released."""
    said = []
    for sign in text:
        modifiers, usage = _usage(sign)
        said += [(modifiers, usage), (0, 0)]
    return [*said, (0, ENTER), (0, 0)]


def _usage(sign: str) -> tuple[int, int]:
    if "a" <= sign <= "z":
        return 0, 0x04 + ord(sign) - ord("a")
    if "A" <= sign <= "Z":
        return LEFT_SHIFT, 0x04 + ord(sign) - ord("A")
    if sign in "1234567890":
        return 0, 0x1E + "1234567890".index(sign)
    if sign == "\x1d":
        return LEFT_CTRL, 0x30  # Ctrl + ]
    for modifiers, table in ((0, UNSHIFTED), (LEFT_SHIFT, SHIFTED)):
        for usage, character in table.items():
            if character == sign:
                return modifiers, usage
    raise ValueError(f"a keyboard scanner cannot type {sign!r}")


def kernel_events(text: str, at_ns: int, every_ns: int = 2_000_000) -> bytes:
    """What /dev/input/event… holds after the scan, a report every 2 ms from ``at_ns`` on."""
    out = b""
    modifiers = usage = 0
    for turn, (new_modifiers, new_usage) in enumerate(reports(text)):
        micros = (at_ns + turn * every_ns) // 1000
        events = []
        for bit, code in ((LEFT_CTRL, 29), (LEFT_SHIFT, 42)):
            if (modifiers ^ new_modifiers) & bit:
                events.append((1, code, int(bool(new_modifiers & bit))))
        for key, value in ((usage, 0), (new_usage, 1)):
            if key and usage != new_usage:
                events += [(4, 4, 0x70000 + key), (1, KERNEL[key], value)]
        modifiers, usage = new_modifiers, new_usage
        for kind, code, value in [*events, (0, 0, 0)]:
            out += struct.pack("=qqHHi", micros // 1_000_000, micros % 1_000_000, kind, code, value)
    return out


def serial_bytes(text: str, encoding: str = "utf-8", prefix: bytes = b"", suffix: bytes = b"\r") -> bytes:
    """What comes out of it in virtual serial mode."""
    return prefix + text.encode(encoding) + suffix
