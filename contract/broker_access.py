"""Who may read and write which topics at the broker: mosquitto's access list, written by `kojo derive`.

    user pi-1
    topic write kojo/v1/akita/wash/washer/+/+
    topic read kojo/v1/akita/wash/_acks/pi-1

mosquitto and the embedded broker read the same file. What is not allowed is refused; ``deny`` wins over everything
else. Anybody may subscribe to anything and hears only what they may read, as with mosquitto.
Source: mosquitto.conf(5), acl_file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from contract.errors import LineError, Mistake
from contract.words import Words

Access = Literal["read", "write"]
_KINDS = ("read", "write", "readwrite", "deny")


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of the list: ``kind`` is read, write, readwrite or deny; ``filter`` is a topic filter."""

    kind: str
    filter: str

    def allows(self, access: Access, topic: str) -> bool:
        """Whether it allows this, a deny aside."""
        return self.kind in (access, "readwrite") and matches(self.filter, topic)


@dataclass(frozen=True, slots=True)
class AccessList:
    """What each user may do."""

    users: Mapping[str, tuple[Grant, ...]]

    def may(self, user: str, access: Access, topic: str) -> bool:
        """Whether ``user`` may read or write a topic (no filter)."""
        grants = self.users.get(user, ())
        if any(grant.kind == "deny" and matches(grant.filter, topic) for grant in grants):
            return False
        return any(grant.allows(access, topic) for grant in grants)

    def text(self) -> str:
        """The list as its file holds it."""
        return "\n\n".join(_block(user, grants) for user, grants in self.users.items()) + "\n"


def _block(user: str, grants: Iterable[Grant]) -> str:
    return "\n".join([f"user {user}", *(f"topic {grant.kind} {grant.filter}" for grant in grants)])


def parse(text: str, file: str) -> AccessList:
    """The list a file holds. Raises LineError with every line that is not understood."""
    users: dict[str, list[Grant]] = {}
    user, mistakes = None, []
    for row, line in enumerate(text.splitlines(), 1):
        words = line.split(maxsplit=2)
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "user" and len(words) > 1:
            user = line.split(maxsplit=1)[1].strip()
            users.setdefault(user, [])
        elif words[0] == "topic" and len(words) == 3 and words[1] in _KINDS and user is not None:
            users[user].append(Grant(words[1], words[2].strip()))
        else:
            mistakes.append(Mistake(file, row, "", _ODD, _AGAIN))
    if mistakes:
        raise LineError(mistakes)
    return AccessList({user: tuple(grants) for user, grants in users.items()})


_ODD = Words("アクセス一覧の行として読めません。", "this is not a line of an access list.")
_AGAIN = Words("「kojo derive」で作り直せます。", "Hint: make it again with `kojo derive`.")


def matches(filter: str, topic: str) -> bool:
    """Whether a topic lies in a filter (MQTT 3.1.1, 4.7): ``+`` one level, ``#`` all below and its parent.

    >>> matches("a/+/c", "a/b/c"), matches("a/#", "a"), matches("#", "$SYS/x")
    (True, True, False)
    """
    levels, wanted = topic.split("/"), filter.split("/")
    if topic.startswith("$") != filter.startswith("$"):
        return False
    for place, level in enumerate(wanted):
        if level == "#":
            return place == len(wanted) - 1
        if place == len(levels) or level not in ("+", levels[place]):
            return False
        if place == len(levels) - 1 and wanted[place + 1 :] == ["#"]:
            return True
    return len(levels) == len(wanted)
