"""Numbers that count as received though no reading is stored under them: their message lies in quarantine."""

from collections.abc import Iterable

from collector.store import Interval
from contract.errors import PayloadError
from contract.payload import decode
from contract.reading import Batch, Series


def numbers_of(messages: Iterable[tuple[str, bytes]]) -> dict[tuple[str, Series], list[Interval]]:
    """What messages, topic and payload, claim of each stream and series, as far as that can be read."""
    found: dict[tuple[str, Series], list[Interval]] = {}
    for topic, payload in messages:
        series = Series(*topic.split("/")[-3:])
        try:
            said = decode(payload, series)
        except PayloadError as error:
            if error.claim is not None and error.claim.many:
                found.setdefault((error.claim.stream, series), []).append((error.claim.seq, error.claim.last))
            continue
        if isinstance(said, Batch):
            found.setdefault((said.stream, series), []).append((said.seq, said.last))
    return found
