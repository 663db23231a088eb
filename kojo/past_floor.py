"""The data of a virtual floor that does not run now: every page must say that it is virtual (`kpi.desk.Demo`)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kojo.doctor_serve import is_demo
from kpi.desk import Demo


class PastFloor:
    """A demo or a virtual factory whose floor stands still."""

    def state(self) -> Mapping[str, Any]:
        """What a page shows of it: nothing is made now, and there is no switch to throw; measures stay in."""
        still = {"done": 0, "of": 0, "running": False}
        return {"virtual": True, "history": still, "improved": True, "improved_at": None, "past": True}

    def improve(self, improved: bool) -> None:
        """Nothing runs."""


def past_floor(data: Path) -> Demo | None:
    """The mark of a data directory that a virtual floor filled; None for a real line's."""
    return PastFloor() if is_demo(data) else None
