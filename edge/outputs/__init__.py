"""The outputs: one file each, and the agreement they keep.

A module `edge/outputs/<type>.py` is the manifest of the output ``type = "<type>"``, like a sensor's (`edge.sensors`):
a docstring that begins with the wiring and shows line.toml, ``TITLE``, ``PARTS``, ``TERMINALS``, ``VALUES`` (all it can
be set to), ``STATE`` ("level", or "text" where the values are words), and a frozen, keyword-only dataclass ``Output``
of settings, with ``Output.open(board) -> Driven``; ``ABOUT_JA`` if it likes.

An output is in its safe state from ``open`` until the first ``set``, and again from ``close`` on. Two settings any
output may have are kept by the agent (`edge.standing`), so that no file has to count time: ``min_s``, between any two
switches (the start counts as one), and ``longest_s``, after which it goes back to its safe state by itself.
"""

import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Literal, Protocol

from contract.catalogue import OutputType, Part, Wire, settings_of
from contract.reading import Value
from contract.words import Words
from edge import manifests


class Driven(Protocol):
    """An open output."""

    def judge(self, value: Value) -> None:
        """Nothing for a value this output has; touches no hardware. Raises PayloadError for any other."""

    def set(self, value: Value) -> None:
        """Make it so. Raises PayloadError for a value the output does not have, SensorError if the hardware refuses."""

    def state(self) -> Value:
        """What is so now, read back from the hardware where that can be. Right after ``set`` it is that value."""

    def close(self) -> None:
        """Go to the safe state and give pins and ports back. Never raises, may be called twice."""


class OutputModule(Protocol):
    """What an output's file holds; the module itself is it."""

    __doc__: str | None
    TITLE: Words
    PARTS: tuple[Part, ...]
    TERMINALS: tuple[Wire, ...]
    VALUES: tuple[float | str, ...]
    STATE: Literal["level", "text"]
    Output: Any
    """The settings; ``Output(**settings).open(board)``."""


def modules() -> Mapping[str, OutputModule]:
    """Every output's module by its type."""
    return manifests.find(sys.modules[__name__], None, problems)


def types() -> dict[str, OutputType]:
    """Every output type, for the catalogue."""
    return {
        name: OutputType(
            type=name,
            title=module.TITLE,
            settings=settings_of(module.Output),
            parts=module.PARTS,
            terminals=module.TERMINALS,
            doc=(module.__doc__ or "").strip(),
            about_ja=manifests.about_ja(module),
            state=module.STATE,
            values=module.VALUES,
        )
        for name, module in modules().items()
    }


def problems(module: ModuleType) -> Iterator[manifests.Problem]:
    """What is wrong with an output's file."""
    yield from manifests.problems(module, thing="Output", verbs=("open",))
    if not getattr(module, "VALUES", ()):
        yield "VALUES", Words("VALUES(出せる値)がありません。", "there are no VALUES it can be set to")
    if getattr(module, "STATE", None) not in ("level", "text"):
        yield "STATE", Words('STATE は "level" か "text" です。', 'STATE is "level" or "text"')
