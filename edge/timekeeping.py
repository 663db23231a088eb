"""Whether the machine's clock can be believed, and which life of the machine this is.

A Raspberry Pi has no clock that runs while it is off: until the network has set it, it shows the time of its last
shutdown, or 1970. Any other computer is believed as soon as its clock is past 2025.
"""

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contract.reading import NS_PER_S

BELIEVABLE_NS = 1_735_689_600 * NS_PER_S
"""2025-01-01: no agent ran before, so an earlier clock was never set."""

_MODEL = Path("/proc/device-tree/model")
_TIMESYNC = Path("/run/systemd/timesync/synchronized")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_NOT_SET = 5
"""adjtimex(2): TIME_ERROR, the clock is not synchronised."""


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """How far the wall clock is to be believed.

    ``synced``: whether somebody has set it. ``boot``: the machine's life in which monotonic time counts on; empty where
    one life cannot be told from another.
    """

    synced: Callable[[], bool] = lambda: True
    boot: str = ""

    def believes(self, time_ns: int) -> bool:
        """Whether the wall clock, that shows ``time_ns``, is right."""
        return time_ns >= BELIEVABLE_NS and self.synced()


def this_machine() -> Timekeeping:
    """The machine that this runs on. Asking it is cheap (a file and a system call)."""
    return Timekeeping(_somebody_set_the_clock if _is_a_pi() else lambda: True, _boot_id())


def _is_a_pi() -> bool:
    try:
        return "raspberry pi" in _MODEL.read_text("utf-8", "replace").lower()
    except OSError:
        return False


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


def _somebody_set_the_clock() -> bool:
    return _TIMESYNC.exists() or _kernel_says_so()


def _kernel_says_so() -> bool:
    if os.name != "posix":
        return True
    room = ctypes.create_string_buffer(512)  # struct timex, 208 bytes; modes = 0 only asks
    try:
        return 0 <= int(_libc().adjtimex(room)) < _NOT_SET
    except (AttributeError, OSError):
        return True


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
