"""A reading sent under another site or line is ignored, as the contract says; the kit's own broker at least says so."""

import logging

from collector.embedded_manners import OpenDoor
from contract.broker_access import Access
from contract.topics import ROOT, Topics
from contract.words import Words

log = logging.getLogger(__name__)

MOST = 5
"""So many other lines are named; who sends to more knows by then."""


class DoorOfLine(OpenDoor):
    """Everybody may do everything; what is sent to another line than ours is said, each such line once."""

    def __init__(self, topics: Topics) -> None:
        self._ours = topics.base
        self._said: set[str] = set()

    def may(self, user: str | None, access: Access, topic: str) -> bool:
        """Everything."""
        if access == "write" and topic.startswith(f"{ROOT}/") and not topic.startswith(f"{self._ours}/"):
            self._say("/".join(topic.split("/")[:4]))
        return super().may(user, access, topic)

    def _say(self, theirs: str) -> None:
        if theirs in self._said or len(self._said) >= MOST:
            return
        self._said.add(theirs)
        shown = "".join(letter if letter.isprintable() else "?" for letter in theirs[:80])
        log.warning(
            "%s",
            Words(
                f"このラインは {self._ours} ですが、{shown}/… に測定値が来ています。保存しません。"
                "送る機器のサイトとラインの id を確かめてください。",
                f"This line is {self._ours}, but readings come to {shown}/… and are not stored. "
                "Look at the site and line ids in the device that sends them.",
            ),
        )
