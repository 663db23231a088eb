"""What is kept, and asked for again."""

from pathlib import Path

import pytest

from floor.records import Period, Phase, Piece, Verdict
from floor.truth import BOUND, Truth


def piece(number: int, at_ns: int, **told: object) -> Piece:
    return Piece("washer", number, at_ns, "a-100", **told)  # type: ignore[arg-type]


def test_windows_are_half_open_and_leave_test_pieces_out() -> None:
    truth = Truth()
    for number, at_ns in enumerate((10, 20, 30)):
        truth.add(piece(number, at_ns))
    truth.add(piece(9, 25, test=True))
    assert [p.at_ns for p in truth.pieces("washer", 10, 30)] == [10, 20]
    assert [p.at_ns for p in truth.pieces("washer", 15, tests=True)] == [20, 30, 25]
    assert truth.pieces("packer") == []


def test_a_phase_that_power_broke_off_is_shown_only_if_asked_for() -> None:
    truth = Truth()
    truth.add(Phase("washer", "wash", 1, 0, 20))
    truth.add(Phase("washer", "wash", 2, 30, 35, whole=False))
    assert len(truth.phases("washer", "wash")) == 1
    assert len(truth.phases("washer", "wash", broken=True)) == 2
    assert truth.phases("washer", "rinse") == []


def test_a_period_is_kept_when_it_ends_and_lasts_until_then() -> None:
    truth = Truth()
    truth.stands(Period("washer", "stop", 100, None, "jam", "minor"))
    truth.pressed("washer", "jam")
    assert truth.periods("washer") == []
    lasting = truth.lasting("washer")
    assert lasting is not None
    assert lasting.seconds(now_ns=2_000_000_100) == 2.0
    truth.works("washer", 5_000_000_100)
    assert truth.periods("washer", least_s=5.0) == [
        Period("washer", "stop", 100, 5_000_000_100, "jam", "minor", "jam"),
    ]
    assert truth.lasting("washer") is None


def test_a_period_of_no_length_is_none() -> None:
    truth = Truth()
    truth.stands(Period("washer", "wait", 100, None))
    truth.works("washer", 100)
    assert truth.periods("washer") == []


def test_all_of_it_is_written_and_read_back(tmp_path: Path) -> None:
    truth = Truth()
    truth.entered()
    truth.entered()
    truth.leaves("packed")
    truth.add(piece(1, 10, good=False))
    truth.add(Verdict("packer", 1, 20, "scrap", pressed=False))
    truth.stands(Period("washer", "stop", 100, None, "jam", "minor"))
    truth.write(tmp_path / "truth.jsonl")
    again = Truth.read((tmp_path / "truth.jsonl").read_text("utf-8").splitlines())
    assert list(again.lines()) == list(truth.lines())
    assert again.in_process == 1
    assert again.lasting("washer") == truth.lasting("washer")


def test_what_is_no_truth_is_refused() -> None:
    with pytest.raises(KeyError):
        Truth.read(['{"what":"rumour"}'])


def test_a_bounded_truth_keeps_the_newest() -> None:
    truth = Truth(bounded=True)
    for number in range(BOUND + 10):
        truth.add(piece(number, number))
    kept = truth.pieces("washer")
    assert len(kept) == BOUND
    assert kept[0].number == 10
