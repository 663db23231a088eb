"""The own line.toml of each desk joined to one line, so that all of them stand on one wall at the end of the day.

    made = join([Own("3", Path("desks/ab12cd34/line.toml")), …])
    made.text, made.desks, made.left_out

A desk's stations and products get the desk in front of their id and name (``d3-mine``, 「3 検査台」), and its agents
stay its own (``d3-pi-1``), so everybody keeps the pin that the file says. What else may stand in a line.toml (rules,
reasons, plans, breaks …) belongs to a line of one's own and is not taken over; a desk that cannot do without is left
out and told, as is one whose file has mistakes: nobody else's wall waits for it.
"""

import contextlib
import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from contract.errors import KojoError, NotAllowed
from contract.line import Line
from contract.line_check import check, text_of
from contract.words import Words
from curriculum.checking import Miss
from curriculum.learn import class_hours
from curriculum.learn.class_files import Own
from curriculum.learn.class_hours import Hours
from curriculum.learn.toml_text import rows, value_text
from curriculum.reading_over import read_over
from edge.sensors import catalogue

MADE_BY = "# kojo learn --class-line"
"""How the file begins, so that it may be made anew over itself and over nothing else."""
LONGEST_ID, LONGEST_DESK = 32, 12
MOST_BYTES = 128 * 1024
"""Twice what a desk of `kojo learn --http` may keep: what is larger is no line.toml, and takes seconds to read."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A desk that is on the wall: its stations' ids, and its agents'."""

    label: str
    stations: tuple[str, ...]
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A desk that is not, and why."""

    label: str
    why: Words


@dataclass(frozen=True, slots=True)
class ClassLine:
    """The line's text, and which desk is in it. ``hours``: its shift; None: the desks' could not be joined.

    ``kept``: whether that shift is the tutor's, of the file that was there before.
    """

    text: str
    desks: tuple[Joined, ...]
    left_out: tuple[LeftOut, ...]
    hours: Hours | None
    kept: bool = False


def join(files: Sequence[Own], tutors: Hours | None = None) -> ClassLine:
    """One line of all the files that are whole. The text is empty where none is.

    ``tutors``: the hours that stand in the place of the desks' own.
    """
    read: list[tuple[Own, Line, dict[str, Any]]] = []
    left_out: list[LeftOut] = []
    for own in files:
        try:
            text = _text(own)
            read_over(text, own.file.name)
            read.append((own, check(text, catalogue(), str(own.file)), tomllib.loads(text)))
        except Miss as miss:
            at = f"{own.file}:{miss.row}: " if miss.row else f"{own.file}: "
            left_out.append(LeftOut(own.label, Words(f"{at}{miss.actual.ja}", f"{at}{miss.actual.en}")))
        except KojoError as error:
            left_out.append(LeftOut(own.label, error.words))
    return _joined(read, left_out, tutors)


def _text(own: Own) -> str:
    size = 0
    with contextlib.suppress(OSError, ValueError):  # told below, in words
        size = own.file.stat().st_size
    if size <= MOST_BYTES:
        return text_of(own.file)
    raise NotAllowed(
        Words(
            f"{own.file} は大きすぎます({size // 1024} KB)。line.toml は {MOST_BYTES // 1024} KB までです。",
            f"{own.file} is too large ({size // 1024} KB): a line.toml has {MOST_BYTES // 1024} KB at most.",
        )
    )


def _joined(
    read: Sequence[tuple[Own, Line, dict[str, Any]]], left_out: list[LeftOut], tutors: Hours | None
) -> ClassLine:
    of_desks = _hours([line for _, line, _ in read])
    hours = tutors or of_desks
    text, desks, taken = "\n".join([*_head(), *class_hours.rows(hours, of_desks)]), [], set[str]()
    for own, _, raw in read:
        desk = _id_of(own.label, taken)
        part = "\n".join(_part(desk, own, raw))
        try:
            check(f"{text}\n{part}", catalogue())
        except KojoError as error:
            left_out.append(LeftOut(own.label, _too_much(own, error)))
            continue
        taken.add(desk)
        text = f"{text}\n{part}"
        agents = dict.fromkeys(_in(desk, one["agent"]) for one in raw.get("stations", {}).values() if "agent" in one)
        desks.append(Joined(own.label, tuple(_in(desk, id) for id in raw.get("stations", {})), tuple(agents)))
    return ClassLine(text if desks else "", tuple(desks), tuple(left_out), hours, tutors is not None)


def _head() -> Iterator[str]:
    yield f"{MADE_BY}: 席ごとの line.toml を1つにしたものです。作り直すと、勤務のほかは、ここで直したことが消えます。"
    yield "# The desks' own files as one line. What is changed here, but for the shift, is gone when it is made anew."
    yield "schema = 1"
    yield 'site = "hall"'
    yield 'line = "class"'
    yield 'name = "みんなのライン"'
    yield ""


def _part(desk: str, own: Own, raw: dict[str, Any]) -> Iterator[str]:
    """One desk's stations and products, under their new names."""
    yield f"# 席 / desk {value_text(own.label)}: {value_text(own.file.as_posix())}"
    for id, station in raw.get("stations", {}).items():
        named = {**station, "name": f"{own.label} {station['name']}"}
        if "agent" in named:
            named["agent"] = _in(desk, named["agent"])
        yield from rows(("stations", _in(desk, id)), named)
    for id, product in raw.get("products", {}).items():
        own_name = {"name": f"{own.label} {product.get('name', id)}", **_without_name(product, desk)}
        yield from rows(("products", _in(desk, id)), own_name)


def _without_name(product: dict[str, Any], desk: str) -> dict[str, Any]:
    told = {key: value for key, value in product.items() if key != "name"}
    if "stations" in told:
        told["stations"] = {_in(desk, id): one for id, one in told["stations"].items()}
    return told


def _hours(lines: Iterable[Line]) -> Hours | None:
    """From the first start to the last end; None where somebody has no shift, or one over midnight."""
    spans = [[(shift.hours.start, shift.hours.end) for shift in line.shifts] for line in lines]
    flat = [span for one in spans for span in one]
    if not flat or not all(spans) or any(end <= start for start, end in flat):
        return None
    return min(start for start, _ in flat), max(end for _, end in flat)


def _id_of(label: str, taken: set[str]) -> str:
    """The desk's part of an id: ``d3`` for 3, ``mikan`` for Mikan, ``desk-4f1c`` for みかん; each once.

    It goes by the label alone, so that a desk keeps its counts when the line is made anew with other desks in it.
    """
    said = unicodedata.normalize("NFKC", label).lower()
    first = f"d{said}" if said[:1].isdecimal() else said
    if not re.fullmatch(rf"[a-z0-9]{{1,{LONGEST_DESK}}}", first):
        first = f"desk-{hashlib.blake2b(said.encode(), digest_size=2).hexdigest()}"
    found, number = first, 2
    while found in taken:
        found, number = f"{first}-{number}", number + 1
    return found


def _in(desk: str, id: str) -> str:
    """An id among those of others. One that gets too long ends in a sign of its own, lest two become one."""
    found = f"{desk}-{id}"
    if len(found) <= LONGEST_ID:
        return found
    sign = hashlib.blake2b(id.encode(), digest_size=3).hexdigest()
    return f"{found[: LONGEST_ID - len(sign) - 1]}-{sign}"


def _too_much(own: Own, error: KojoError) -> Words:
    return Words(
        f"{own.file}: 工程と品物だけでは動かない書き方です。このファイルだけで kojo serve を動かしてください。"
        f"({error.say('ja')})",
        f"{own.file}: it needs more than its stations and products; serve this desk by itself. ({error.say('en')})",
    )
