"""Who is told what: the confirmed numbers of every agent, within the bounds of one message.

    confirmations.set("pi-1", "6b1f0c", "washer/done/count", 1140, OWN)
    confirmations.told("pi-1", 200 * 1024, heard)

The agent of a stream is whoever the stream says, so what strangers say of it must not push out what its own stations
say: those come first, then other series of the line, then what the line does not know. Of each the streams heard last
come first: an agent that still holds readings of a stream left out would send them again.
"""

import heapq
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

OWN, KNOWN, UNKNOWN = range(3)
"""A series of the agent's own stations, another one of the line, one the line does not know."""

LONGEST_KEY = 3 * 32 + 2
"""Three ids with their strokes; a longer key is no series and stands in no message."""

MOST_STREAMS = 4000
"""More do not fit into any message."""

_NUMBER_BYTES = 18
"""A number up to 2^53, a colon and a comma."""
_STREAM_BYTES = 4

Streams = dict[str, dict[str, int]]

_stamps = count(1)


@dataclass(slots=True)
class _Rank:
    streams: Streams = field(default_factory=dict)
    bytes: int = 0


@dataclass(slots=True)
class _Agent:
    ranks: tuple[_Rank, _Rank, _Rank] = field(default_factory=lambda: (_Rank(), _Rank(), _Rank()))
    stamp: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What one message holds, and how many streams had no room in it, or not with all their series."""

    streams: Streams
    left_out: int


class Confirmations:
    """Of one collector's book. Not thread-safe."""

    def __init__(self) -> None:
        self._agents: dict[str, _Agent] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._agents.clear()

    def set(self, agent: str, stream: str, series: str, number: int, rank: int) -> None:
        """An agent is told that all is settled up to ``number``."""
        if len(series) > LONGEST_KEY:
            return
        told = self._agents.get(agent)
        if told is None:
            told = self._agents[agent] = _Agent()
        of = told.ranks[rank]
        numbers = of.streams.get(stream)
        if numbers is None:
            numbers = of.streams[stream] = {}
            of.bytes += _bytes(stream) + _STREAM_BYTES
        before = numbers.get(series)
        if before is None:
            of.bytes += _bytes(series) + _NUMBER_BYTES
        if before != number:
            numbers[series] = number
            told.stamp = next(_stamps)

    def stamp(self, agent: str) -> int:
        """Changes whenever something new is to be told; never the same twice in a process."""
        told = self._agents.get(agent)
        return told.stamp if told else 0

    def agents(self) -> Iterator[str]:
        """To whom something is confirmed that the line knows."""
        return (name for name, told in self._agents.items() if told.ranks[OWN].streams or told.ranks[KNOWN].streams)

    def told(self, agent: str, most_bytes: int, heard: Callable[[str], int], since: int) -> Told:
        """What fits, of streams ``heard`` (ns) at ``since`` or later."""
        told = self._agents.get(agent)
        if told is None:
            return Told({}, 0)
        chosen: Streams = {}
        left, left_out = most_bytes, set[str]()
        for rank in told.ranks:
            lately = {name: numbers for name, numbers in rank.streams.items() if heard(name) >= since}
            is_all = rank.bytes <= left
            if not is_all:
                lately, more = _that_fit(lately, left, heard)
                left_out |= more
            for name, numbers in lately.items():
                chosen.setdefault(name, {}).update(numbers)
            left -= rank.bytes if is_all else _size(lately)
        return Told(chosen, len(left_out))


def _that_fit(
    streams: Mapping[str, dict[str, int]], room: int, heard: Callable[[str], int]
) -> tuple[Streams, set[str]]:
    """The streams heard last, as far as there is room, and the names of those that are not told whole."""
    found: Streams = {}
    last = heapq.nlargest(MOST_STREAMS, streams, key=heard)
    not_whole = streams.keys() - set(last)
    for name in last:
        room -= _bytes(name) + _STREAM_BYTES
        numbers = streams[name]
        fitting: dict[str, int] = {}
        for series, number in numbers.items():
            cost = _bytes(series) + _NUMBER_BYTES
            if cost > room:
                not_whole.add(name)
                break
            room -= cost
            fitting[series] = number
        if fitting:
            found[name] = fitting
        if room <= 0:
            break
    return found, not_whole | (streams.keys() - found.keys())


def _size(streams: Streams) -> int:
    each = (_bytes(name) + _STREAM_BYTES + _size_of(numbers) for name, numbers in streams.items())
    return sum(each)


def _size_of(numbers: Mapping[str, int]) -> int:
    return sum(_bytes(series) + _NUMBER_BYTES for series in numbers)


def _bytes(said: str) -> int:
    return len(json.dumps(said))
