"""A clock that is wrong and is set while a process runs: faketime on a real process, its monotonic time left alone.

clock = WrongClock(tmp_path / "clock", "-1d")
subprocess.run(…, env=clock.environment)
clock.set("+0")
"""

import os
import time
from itertools import chain
from pathlib import Path

import pytest

from tests.servers import need


class WrongClock:
    """The wall clock of the processes that have ``environment``; ``by``: how it differs from ours ("+1d", "-3600")."""

    def __init__(self, file: Path, by: str) -> None:
        self._file = file
        self.set(by)
        self.environment = {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, by: str) -> None:
        """Set it, in one moment, while they run."""
        new = self._file.with_suffix(".new")
        new.write_text(by, "ascii")
        new.replace(self._file)


SINCE_1970 = f"-{int(time.time())}"
"""So far is the clock of a computer behind whose clock begins in 1970 when it is switched on."""


def _library() -> Path:
    need("faketime")
    folders = [Path(root).glob("**/faketime/libfaketimeMT.so.1") for root in ("/usr/lib", "/usr/local/lib")]
    found = next(chain(*folders), None)
    if found is not None:
        return found
    reason = "libfaketimeMT is not installed"
    if os.environ.get("KOJO_REQUIRE") == "all":
        pytest.fail(reason)
    pytest.skip(reason)
