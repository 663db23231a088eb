"""Who may look at the bench's page and who may touch it: what is asked of whoever knows the tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from contract.errors import KojoError
from contract.words import Words


class Refusal(KojoError, ValueError):
    """A question that is not answered: an HTTP status, a short stable kind, both languages."""

    def __init__(
        self, status: int, kind: str, what: Words, hint: Words | None = None, after_s: int | None = None
    ) -> None:
        super().__init__(what, hint)
        self.status, self.kind, self.after_s = status, kind, after_s


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the peer's address and the headers, their names in small letters."""

    peer: str
    headers: Mapping[str, str]


class Guard(Protocol):
    """Who may look and who may touch. Every verb raises Refusal."""

    def visitor(self, asker: Asker) -> None:
        """Whether it may have the empty page, and join: not under a name that is not this machine's."""

    def reader(self, asker: Asker) -> str:
        """The role it looks with: ``viewer`` or ``operator``."""

    def writer(self, asker: Asker) -> None:
        """Whether it may touch."""

    def pair(self, asker: Asker, code: str) -> str:
        """The Set-Cookie header that a code, good once, becomes."""
