"""One message as it came from the broker, or out of the quarantine."""

from dataclasses import dataclass

from contract.reading import Series


@dataclass(slots=True)
class Message:
    """``at`` is its arrival (ns). ``may_be_queued``: it came so soon after our subscription that it may have waited.

    ``again``: it comes out of the quarantine, so its numbers count as seen though nothing of them is stored.
    """

    series: Series
    topic: str
    payload: bytes
    at: int
    retained: bool = False
    may_be_queued: bool = False
    again: bool = False
