"""What several sensors of one board use together."""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Shared:
    """Things by name, each made once; for any thread."""

    def __init__(self) -> None:
        self._things: dict[str, Any] = {}
        self._lock = Lock()

    def get(self, name: str, make: Callable[[], T]) -> T:
        """The thing of that name; made if it is not there."""
        with self._lock:
            if name not in self._things:
                self._things[name] = make()
            return cast(T, self._things[name])
