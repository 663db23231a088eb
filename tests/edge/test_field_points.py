"""From registers to values: forms, running totals that wrap or are set back, and blocks of questions."""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.catalogue import Measure
from contract.words import Words
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.field_points import (
    FORMS,
    HIGH,
    LOW,
    Point,
    Teller,
    blocks,
    columns,
    number,
    point,
    registers,
    text,
    text_registers,
)

START_NS = 1_795_000_000_000_000_000


def a_point(kind: str = "number", form: str = "uint16", **more: Any) -> Point:
    said: dict[str, Any] = {"scale": Fraction(1), "word_order": HIGH, "bit": None, "length": 2, "wraps_at": None} | more
    return Point("x", kind, form, **said)


def told(point: Point, *read: int, bench: Bench | None = None) -> list[Any]:
    """What is told of one point for each number that stands in it; None where nothing is."""
    teller = Teller(bench or Bench(HandClock(START_NS)), "here", "shift_jis", False)
    form = FORMS[point.form]
    return [teller.values([(point, registers(n, form, point.word_order))]).get("x") for n in read]


@pytest.mark.parametrize(
    ("form", "words", "meant"),
    [
        ("uint16", [0xFFFE], 65_534),
        ("int16", [0xFFFE], -2),
        ("uint32", [0x0001, 0x86A0], 100_000),
        ("int32", [0xFFFF, 0xFFFE], -2),
        ("uint64", [0, 1, 0, 0], 1 << 32),
        ("int64", [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFE], -2),
        ("float32", [0x4366, 0x3334], 230.2),
        ("float64", [0x406C, 0xC666, 0x6666, 0x6666], 230.2),
        ("bcd16", [0x1234], 1234),
        ("bcd32", [0x0012, 0x3456], 123_456),
        ("float32", [0x7FC0, 0], None),
        ("float32", [0xFF80, 0], None),
        ("bcd16", [0x12A4], None),
    ],
)
def test_each_form_is_read_in_either_order(form: str, words: list[int], meant: float | None) -> None:
    assert number(words, FORMS[form], HIGH) == meant
    assert number(words[::-1], FORMS[form], LOW) == meant


@settings(max_examples=30)
@given(form=st.sampled_from(sorted(FORMS)), order=st.sampled_from([HIGH, LOW]), value=st.integers(0, 9999))
def test_what_is_put_into_registers_is_read_from_them(form: str, order: str, value: int) -> None:
    words = registers(value, FORMS[form], order)
    assert len(words) == FORMS[form].words
    assert number(words, FORMS[form], order) == value


@settings(max_examples=30)
@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_a_float_of_32_bits_is_told_without_the_noise_of_64(value: float) -> None:
    read = number(registers(value, FORMS["float32"], HIGH), FORMS["float32"], HIGH)
    assert read == pytest.approx(value, rel=1e-6)
    assert len(repr(read)) <= len("-1.234567e-05")


@pytest.mark.parametrize(
    ("point", "read", "expected"),
    [
        (a_point("total"), (10, 10, 13), [None, None, 3]),
        (a_point("total"), (65_530, 4), [None, 10]),
        (a_point("total"), (40_000, 3), [None, 3]),
        (a_point("total"), (40_000, 0, 2), [None, None, 2]),
        (a_point("total", "int16"), (32_766, 32_767, -32_768), [None, 1, 1]),
        (a_point("total", "bcd16"), (9998, 1), [None, 3]),
        (a_point("total", wraps_at=1000), (990, 12), [None, 22]),
        (a_point("total", wraps_at=1000), (500, 12), [None, 12]),
        (a_point("total", "uint32", word_order=LOW), (2**32 - 1, 0), [None, 1]),
        (a_point("total", "float32"), (100, 105, 2), [None, 5, 2]),
        (a_point("total", scale=Fraction(10)), (1, 3), [None, 20]),
        (a_point("total", scale=Fraction("0.1")), (5, 9, 12, 19, 20), [None, None, None, 1, None]),
        (a_point("total", scale=Fraction("0.1")), (65_535, 9), [None, 1]),
        (a_point("number", scale=Fraction("0.1")), (2301,), [230.1]),
        (a_point("number", "int16"), (-5, -5), [-5, -5]),
        (a_point("level"), (0, 0, 7, 1, 0), [0, None, 1, None, 0]),
        (a_point("level", bit=3), (7, 8, 9), [0, 1, None]),
        (a_point("event"), (1, 0, 1, 1, 0, 5), [None, None, 1, None, None, 1]),
        (a_point("text"), (12, 12, 13), ["12", None, "13"]),
    ],
)
def test_what_is_told_of_what_is_read(point: Point, read: tuple[int, ...], expected: list[Any]) -> None:
    assert told(point, *read) == expected


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.integers(0, 4000), max_size=20), scale=st.sampled_from(["1", "0.1", "0.001", "2.5", "10"]))
def test_increments_add_up_however_often_the_count_wraps(steps: list[int], scale: str) -> None:
    counts = [sum(steps[: i + 1]) for i in range(len(steps))]
    read = [60_000, *(60_000 + count for count in counts)]
    increments = told(a_point("total", scale=Fraction(scale)), *read)
    assert sum(more or 0 for more in increments) == math.floor(Fraction(scale) * sum(steps))


def test_a_total_goes_on_where_its_sensor_was_opened_again() -> None:
    bench = Bench(HandClock(START_NS))
    assert told(a_point("total"), 10, 12, bench=bench) == [None, 2]
    assert told(a_point("total"), 15, bench=bench) == [3]
    assert told(a_point("total"), 15, bench=Bench(HandClock(START_NS))) == [None]


def test_a_level_is_told_again_when_its_sensor_was_opened_again() -> None:
    bench = Bench(HandClock(START_NS))
    assert told(a_point("level"), 1, 1, bench=bench) == [1, None]
    assert told(a_point("level"), 1, bench=bench) == [1]


def test_a_level_that_stays_is_told_again_every_5_s() -> None:
    clock = HandClock(START_NS)
    teller = Teller(Bench(clock), "here", "ascii", False)
    told = []
    for _ in range(12):
        told.append(teller.values([(a_point("level"), [1])]).get("x"))
        clock.turn(1.0)
    assert told == [1, None, None, None, None] * 2 + [1, None]


def test_text_ends_at_the_first_nul_and_rubbish_is_none() -> None:
    assert text([0x4142, 0x4300], False, "ascii") == "ABC"
    assert text([0x4241, 0x0043], True, "ascii") == "ABC"
    assert text([0, 0x4141], False, "ascii") is None
    assert text([0xFFFF], False, "utf-8") is None
    assert text(text_registers("左ドア", 4, True, "shift_jis"), True, "shift_jis") == "左ドア"


def test_columns_have_defaults_and_measures_may_come_either_way() -> None:
    of = columns("int16", LOW)
    as_read = Measure("n", Words("n", "n"), kind="total", own={"format": None, "scale": 0.1, "wraps_at": 100})
    as_written = {"kind": "total", "scale": 0.1, "wraps_at": 100}
    assert point("n", as_read, of, of_bit=False) == point("n", as_written, of, of_bit=False)
    assert point("n", {}, of, of_bit=False).form == "int16"
    assert point("n", {}, of, of_bit=True).words == 1


SPANS = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 4)), max_size=20)


@settings(max_examples=20)
@given(spans=SPANS, longest=st.integers(4, 60), gap=st.integers(0, 20))
def test_blocks_cover_every_span_in_no_more_words_than_allowed(
    spans: list[tuple[int, int]], longest: int, gap: int
) -> None:
    found = list(blocks(spans, longest, gap))
    assert all(count <= longest for _, count in found)
    assert all(any(first <= start and start + many <= first + count for first, count in found) for start, many in spans)
    if not gap:
        wanted = {start + i for start, many in spans for i in range(many)}
        assert {first + i for first, count in found for i in range(count)} == wanted
