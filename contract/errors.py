"""Everything that can go wrong and that we say, as one tree.

    KojoError
    ├── LineError        (ValueError)       line.toml has mistakes; carries all of them
    ├── PayloadError     (ValueError)       a message that cannot be believed; goes to quarantine with its reason
    ├── MissingExtra     (ImportError)      a package is not installed; says which extra brings it
    ├── NotThere         (LookupError)      a station, sensor, measure, agent, file … that does not exist
    ├── NotAllowed       (PermissionError)  a token, a file's rights, a folder that cannot be written
    ├── SensorError      (OSError)          a sensor did not answer, or answered nonsense
    ├── OutboxError      (OSError)          the agent's disk
    ├── BrokerError      (ConnectionError)  the broker is away or refuses us
    ├── BackupError      (OSError)          a backup that cannot be made, or a file that is none or is damaged
    ├── InUse            (BlockingIOError)  a data directory, a port or a store that another program holds
    └── StoreError       (OSError)
        ├── StoreAway    (ConnectionError)  the store's server cannot be reached; try again
        ├── StoreRefused (ValueError)       the store will never take this reading
        └── StoreFull    (OSError)          no room: nothing is taken, nothing is acknowledged

Each is ours *and* the built-in that a beginner knows, so ``except OSError`` catches a dead sensor. Each says what was
tried, on what, why it failed (``what``) and what to do now (``hint``), in Japanese and English.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.words import Language, Words

__all__ = [
    "BackupError",
    "BrokerError",
    "InUse",
    "KojoError",
    "LineError",
    "MissingExtra",
    "Mistake",
    "NotAllowed",
    "NotThere",
    "OutboxError",
    "PayloadError",
    "SensorError",
    "StoreAway",
    "StoreError",
    "StoreFull",
    "StoreRefused",
]


class KojoError(Exception):
    """What was tried, on what, why it failed (``what``); what to do now (``hint``)."""

    def __init__(self, what: Words, hint: Words | None = None) -> None:
        super().__init__(what.en)
        self.what = what
        self.hint = hint

    def say(self, lang: Language | None = None) -> str:
        """The error as one line for a person, in ``lang`` or the language spoken."""
        said = self.what.say(lang)
        return f"{said} {self.hint.say(lang)}" if self.hint else said

    def __str__(self) -> str:
        return self.say()

    @property
    def words(self) -> Words:
        """The error as one line for a person, in both languages."""
        return Words(self.say("ja"), self.say("en"))


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a line file: where it stands, what is wrong, what would be right."""

    file: str
    row: int
    where: str
    what: Words
    hint: Words | None = None

    def say(self, lang: Language | None = None) -> str:
        """``line.toml:31: stations.washer.sensors.done.pin: … Hint: …``, the contract's form."""
        place = f"{self.file}:{self.row}: {self.where}: " if self.where else f"{self.file}:{self.row}: "
        hint = f" {self.hint.say(lang)}" if self.hint else ""
        return f"{place}{self.what.say(lang)}{hint}"


class LineError(KojoError, ValueError):
    """A line file with mistakes: all of them, in the order of the file."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: (mistake.file, mistake.row, mistake.where)))
        many = "\n".join
        super().__init__(Words(many(m.say("ja") for m in self.mistakes), many(m.say("en") for m in self.mistakes)))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a batch that cannot be believed says it holds: ``many`` readings of ``stream`` from the number ``seq`` on.

    ``many`` is 0 where its numbers cannot be read; ``lowest`` is its ``from``.
    """

    stream: str
    seq: int = 1
    many: int = 0
    agent: str | None = None
    lowest: int | None = None

    @property
    def last(self) -> int:
        """The last reading's number."""
        return self.seq + self.many - 1


class PayloadError(KojoError, ValueError):
    """A message that cannot be believed. ``reason`` is a short English key, ``what`` says it to people.

    ``claim`` is what could still be read of a batch: its numbers count as seen.
    """

    def __init__(self, reason: str, what: Words, claim: Claim | None = None) -> None:
        super().__init__(what)
        self.reason = reason
        self.claim = claim


class MissingExtra(KojoError, ImportError):
    """A package that is not installed, and the extra that brings it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            Words(f"パッケージ {package} がありません。", f"The package {package} is not installed."),
            Words(
                f"「pip install 'kojohack[{extra}]'」で入ります。", f"Install it with: pip install 'kojohack[{extra}]'"
            ),
        )
        self.package = package
        self.extra = extra


class NotThere(KojoError, LookupError):
    """Something asked for that does not exist."""


class NotAllowed(KojoError, PermissionError):
    """Something we may not read, write or do."""


class SensorError(KojoError, OSError):
    """A sensor that did not answer, or answered what its data sheet does not allow."""


class OutboxError(KojoError, OSError):
    """The agent's outbox cannot be read or written."""


class BrokerError(KojoError, ConnectionError):
    """The broker is away, or refuses us."""


class BackupError(KojoError, OSError):
    """A backup that could not be made, or a file that cannot be restored."""


class InUse(KojoError, BlockingIOError):
    """A data directory, a port or a store that another program holds."""


class StoreError(KojoError, OSError):
    """The store failed."""


class StoreAway(StoreError, ConnectionError):
    """The store's server cannot be reached; what was to be written must be tried again."""


class StoreRefused(StoreError, ValueError):
    """The store will never take this reading; it belongs in quarantine."""


class StoreFull(StoreError):
    """There is no room; nothing was taken, so nothing may be acknowledged."""
