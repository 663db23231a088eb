"""What the versions of InfluxDB answer becomes the same arrays; a broken answer is never a short one."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.store.influx_answer import QueryFailed, heard, tables, track
from contract.errors import StoreAway

COLUMNS = ["time", "v", "s", "n", "flag"]


def answer(*series: dict[str, Any], partial: bool = False) -> bytes:
    more = {"partial": True} if partial else {}
    return json.dumps({"results": [{"statement_id": 0, "series": list(series), **more}]}).encode() + b"\n"


def old(stream: str, *values: Sequence[Any]) -> dict[str, Any]:
    """A series as 1.x and 2.x give it: what is grouped by stands in tags."""
    return {"name": "reading", "tags": {"stream": stream}, "columns": COLUMNS, "values": values}


def new(*values: Sequence[Any]) -> dict[str, Any]:
    """A series as 3.x gives it: what is grouped by is a column."""
    return {"name": "reading", "columns": ["time", "stream", *COLUMNS[1:]], "values": values}


def test_both_forms_of_an_answer_give_the_same_track() -> None:
    before = track(
        tables([answer(old("b", [5, 1.5, None, 2, 1]), old("a", [5, 2.5, None, 9, None], [7, 3, None, 10, 0]))])
    )
    after = track(
        tables([answer(new([5, "b", 1.5, None, 2, 1], [5, "a", 2.5, None, 9, None], [7, "a", 3, None, 10, 0]))])
    )
    for one in (before, after):
        assert one.t.tolist() == [5, 5, 7]
        assert one.v.tolist() == [2.5, 1.5, 3.0]
        assert one.seq.tolist() == [9, 2, 10]
        assert one.flag.tolist() == [0, 1, 0]
        assert [one.streams[at] for at in one.stream] == ["a", "b", "a"]
        kinds = [array.dtype.name for array in (one.t, one.v, one.stream, one.seq, one.flag)]
        assert kinds == ["int64", "float64", "int32", "int64", "int8"]


def test_texts_are_objects() -> None:
    found = track(tables([answer(old("-", [1, None, "品種A", 0, None], [2, None, "", 0, None]))]))
    assert found.v.dtype == object
    assert found.v.tolist() == ["品種A", ""]


@pytest.mark.parametrize("nothing", [b"", b"\r\n", b'{"results":[{"statement_id":0}]}\n', answer(old("a"))])
def test_no_rows_are_an_empty_track(nothing: bytes) -> None:
    assert len(track(tables([nothing]))) == 0
    assert len(heard(tables([nothing]))) == 0


@given(st.integers(1, 40), st.integers(1, 30), st.data())
def test_an_answer_may_be_torn_anywhere_on_its_way(rows: int, chunk: int, data: st.DataObject) -> None:
    values = [[t, float(t), None, t, None] for t in range(rows)]
    chunks = [values[at : at + chunk] for at in range(0, rows, chunk)]
    sent = b"".join(answer(old("a", *some), partial=some is not chunks[-1]) for some in chunks)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=5)))
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert track(tables(pieces)).t.tolist() == list(range(rows))


@given(st.integers(0, 10_000))
def test_an_answer_that_breaks_off_is_an_error(kept: int) -> None:
    sent = answer(old("a", [1, 1.0, None, 1, None]), partial=True) + answer(old("a", [2, 2.0, None, 2, None]))

    def pieces() -> Iterator[bytes]:
        yield sent[: kept % (len(sent) - 1)]

    if kept % (len(sent) - 1) == 0:
        assert len(track(tables(pieces()))) == 0
    else:
        with pytest.raises(StoreAway):
            track(tables(pieces()))


@pytest.mark.parametrize(
    "said", [b'{"error":"database not found: x"}', b'{"results":[{"statement_id":0,"error":"database not found: x"}]}']
)
def test_an_error_inside_an_answer_is_an_error(said: bytes) -> None:
    with pytest.raises(QueryFailed, match="database not found: x"):
        list(tables([said]))


def test_when_something_was_heard_is_distinct_and_in_order() -> None:
    series = {"name": "reading", "columns": ["time", "n"], "values": [[5, 1], [3, 2], [5, 3]]}
    assert heard(tables([answer(series)])).tolist() == [3, 5]
