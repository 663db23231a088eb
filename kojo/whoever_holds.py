"""A data directory is changed by whoever holds it: the server that runs there is asked, else the command does it."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from contract.errors import BackupError, InUse
from contract.words import Words
from kojo import local_door
from kojo.data_directory import DataDirectory

STARTING_S = 10.0
"""A server that holds the directory and does not answer yet may be starting."""

T = TypeVar("T")


def asked_or_done(
    data: Path,
    question: Mapping[str, Any],
    here: Callable[[DataDirectory], T],
    hear: local_door.Hear = lambda _: None,
) -> Mapping[str, Any] | T:
    """What the server that runs in a data directory answers, or what ``here`` gives where none runs.

    ``hear`` is told how far the server is. Raises BackupError with what went wrong.
    """
    deadline = time.monotonic() + STARTING_S
    while True:
        told = local_door.ask(data, question, hear)
        if told is not None:
            return told
        try:
            with DataDirectory(data, "serve") as directory:
                return here(directory)
        except InUse as held:
            if time.monotonic() > deadline:
                raise BackupError(
                    held.what,
                    Words(
                        "動いている kojo に頼めませんでした。この版で起動し直すか、止めてから実行してください。",
                        "It cannot be asked. Start it anew with this version, or stop it first.",
                    ),
                ) from held
        time.sleep(0.2)
