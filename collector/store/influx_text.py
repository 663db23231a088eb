"""The two languages of InfluxDB as text: line protocol for what is written, InfluxQL for what is asked.

Everything that comes from outside passes through :func:`tag`, :func:`text`, :func:`name` or :func:`literal`, so no
value can end a field, a point or a question early. Numbers are always floats: InfluxDB refuses an integer in a field
that once held a float, for ever.

Line protocol: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
InfluxQL: https://docs.influxdata.com/influxdb/v1/query_language/spec/
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from collector.store import Rows
from contract.errors import StoreRefused
from contract.reading import Series
from contract.words import Words

FIRST_NS, LAST_NS = -(2**63) + 2, 2**63 - 2
"""The times InfluxDB can hold."""

PART_CHARS = 32_000
"""A document is cut into string fields of so many characters: a string field holds at most 64 KiB."""

LINES_A_REQUEST = 5_000
CHARS_A_REQUEST = 2_500_000
"""InfluxDB 3 takes 10 MiB a request by default, 1.x 25 MB; a letter is at most 4 bytes."""

Fields = Mapping[str, float | str]
"""What a point holds, by the names of its fields."""

_UNFIT_FOR_A_TAG = re.compile(r"[\x00-\x1f\x7f\\]")
_TAG_ESCAPES = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_TEXT_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\""})
_LITERAL_ESCAPES = str.maketrans({"\\": r"\\", "'": r"\'", "\n": r"\n"})
_NAME_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def tag(value: str) -> str:
    """A tag's value (or a key) as line protocol writes it. Raises StoreRefused for what no tag can hold."""
    if not value or _UNFIT_FOR_A_TAG.search(value):
        raise StoreRefused(
            Words(
                f"InfluxDB のタグに使えない文字が名前 {value!r} にあります。",
                f"The name {value!r} holds a character that no tag of InfluxDB can hold.",
            )
        )
    return value.translate(_TAG_ESCAPES)


def text(value: str) -> str:
    """A string field's value as line protocol writes it, quotes included."""
    return f'"{value.translate(_TEXT_ESCAPES)}"'


def point(measurement: str, tags: Mapping[str, str], fields: Fields, t: int) -> str:
    """One point. Equal measurement, tags and time are one point: a later one replaces the fields it names."""
    keys = "".join(f",{key}={tag(tags[key])}" for key in sorted(tags))
    values = ",".join(
        f"{tag(key)}={text(value) if isinstance(value, str) else repr(float(value))}" for key, value in fields.items()
    )
    return f"{measurement}{keys} {values} {t}"


def document(said: str) -> Fields:
    """A text of any length as the fields of one point: its parts, and how many they are."""
    parts = [said[at : at + PART_CHARS] for at in range(0, len(said), PART_CHARS)] or [""]
    return {"parts": float(len(parts)), **{f"d{number}": part for number, part in enumerate(parts)}}


def whole(row: Mapping[str, Any]) -> str:
    """The text that :func:`document` cut up, from a row of its fields."""
    return "".join(row[f"d{number}"] for number in range(int(row["parts"])))


def reading_lines(rows: Rows, site: str, line: str) -> Iterator[str]:
    """The points of rows: value in ``v`` (numbers) or ``s`` (text), number in ``n`` (0: no stream), flag if not 0."""
    where = {"site": site, "line": line, **series_tags(rows.series), "stream": rows.stream}
    head = "reading" + "".join(f",{key}={tag(where[key])}" for key in sorted(where))
    numbers = count(rows.seq) if rows.seq is not None else iter(lambda: 0, 1)
    flags = rows.flag if rows.flag is not None else [0] * len(rows.t)
    values: Iterable[float | str] = rows.v
    for t, v, n, flag in zip(rows.t, values, numbers, flags, strict=False):
        value = f"s={text(v)}" if isinstance(v, str) else f"v={float(v)!r}"
        yield f"{head} {value},n={n},flag={flag} {t}" if flag else f"{head} {value},n={n} {t}"


def portions(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines in portions that one request may hold, in their order."""
    portion: list[str] = []
    chars = 0
    for line in lines:
        if portion and (len(portion) == LINES_A_REQUEST or chars + len(line) > CHARS_A_REQUEST):
            yield portion
            portion, chars = [], 0
        portion.append(line)
        chars += len(line)
    if portion:
        yield portion


def series_tags(series: Series) -> dict[str, str]:
    """The tags that say which series."""
    return {"station": series.station, "sensor": series.sensor, "measure": series.measure}


def name(identifier: str) -> str:
    """An identifier as InfluxQL writes it."""
    return f'"{identifier.translate(_NAME_ESCAPES)}"'


def literal(value: str) -> str:
    """A string as InfluxQL writes it. A NUL would end the question early and is in nothing that is stored."""
    return f"'{value.replace(chr(0), '').translate(_LITERAL_ESCAPES)}'"


def where(tags: Mapping[str, str], start: int | None = None, end: int | None = None, *more: str) -> str:
    """A WHERE clause: these tags, start <= time < end in nanoseconds (None = open), and further conditions."""
    said = [f"{name(key)} = {literal(value)}" for key, value in tags.items()]
    said += [f"time >= {clamped(start)}"] if start is not None else []
    said += [f"time < {clamped(end)}"] if end is not None else []
    return "WHERE " + " AND ".join([*said, *more])


def clamped(t: int) -> int:
    """A time InfluxQL can read."""
    return max(FIRST_NS, min(t, LAST_NS))
