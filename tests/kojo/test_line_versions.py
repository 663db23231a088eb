"""The line as it is on the disk is the newest, whatever the clock said when a version was remembered."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.judge import Judge
from collector.store import LineVersion
from collector.store.duck import DuckStore
from contract.line import Line
from edge.sensors import catalogue
from kojo.line_versions import versions
from tests.collector.example import LINE, START, S

YEAR = 365 * 86400 * S


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckStore]:
    made = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    yield made
    made.close()


def named(name: str) -> Line:
    return replace(LINE, text=LINE.text.replace("schema = 1", f"schema = 1 # {name}", 1))


def seen(store: DuckStore, name: str, now: int) -> list[tuple[int, str]]:
    return [(since, line.text) for since, line in versions(store, named(name), catalogue(), now)]


def test_a_version_of_a_clock_ahead_gives_way_to_the_file_on_the_disk(
    store: DuckStore, caplog: pytest.LogCaptureFixture
) -> None:
    a, b, c = (named(name).text for name in "abc")
    assert seen(store, "a", START) == [(START, a)]
    assert seen(store, "b", START + YEAR) == [(START, a), (START + YEAR, b)]
    now = START + S
    assert caplog.text == ""
    assert seen(store, "c", now) == [(START, a), (now, b), (now, c)]
    assert "1 件の日付が、現在の時刻より先" in caplog.text
    assert seen(store, "c", now + S) == [(START, a), (now, b), (now, c)], "nothing more is remembered"
    told = versions(store, named("c"), catalogue(), now + S)
    assert Judge(told).newest.text == c
    assert seen(store, "c", START + 2 * YEAR)[-2:] == [(START + YEAR, b), (START + YEAR + 1, c)]


def test_the_same_file_under_a_clock_put_right_is_in_force_from_then_on(store: DuckStore) -> None:
    a, b = (named(name).text for name in "ab")
    seen(store, "a", START)
    seen(store, "b", START + YEAR)
    assert seen(store, "b", START + S) == [(START, a), (START + S, b)]
    assert seen(store, "b", START + 2 * S) == [(START, a), (START + S, b)]


def test_a_clock_that_is_behind_everything_changes_nothing_that_is_remembered(store: DuckStore) -> None:
    a, b = (named(name).text for name in "ab")
    seen(store, "a", START)
    seen(store, "b", START + S)
    assert seen(store, "b", S) == [(S, a), (S, b)]
    assert list(store.lines()) == [LineVersion(START, a), LineVersion(START + S, b)]
