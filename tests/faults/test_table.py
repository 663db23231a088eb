import json
from pathlib import Path

import pytest

from tests.faults.table import FOLDER, Outcome, of_numbers, record, table


def test_what_is_not_stored_is_lost_and_what_is_stored_twice_is_doubled() -> None:
    outcome = of_numbers("a cut", sent=[1, 2, 3, 4], stored=[1, 2, 2, 4])
    assert (outcome.sent, outcome.stored, outcome.lost, outcome.doubled) == (4, 4, 1, 1)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("lost", 5, 4, 1, 0),
        Outcome("doubled", 5, 6, 0, 1),
        Outcome("more lost than allowed", 5, 3, 2, 0, bound=1, counted=2),
        Outcome("not counted", 5, 3, 2, 0, bound=2, counted=1),
        Outcome("doubled within a bound", 5, 6, 0, 1, bound=5, counted=0),
    ],
)
def test_a_broken_promise_fails(outcome: Outcome) -> None:
    with pytest.raises(AssertionError):
        record(outcome)


def test_what_the_promise_allows_and_counts_passes() -> None:
    record(Outcome("a full outbox", 5, 3, 2, 0, bound=2, counted=2))
    record(Outcome("nothing", 5, 5, 0, 0))


def test_the_table_shows_the_rows_of_every_worker_in_order(tmp_path: Path) -> None:
    for worker, (fault, at) in enumerate([("second", 2.0), ("first", 1.0)]):
        row = {"fault": fault, "sent": 20000, "stored": 20000, "lost": 0, "doubled": 0, "note": "", "at": at}
        row |= {"bound": None, "counted": None}
        (tmp_path / f"{worker}.jsonl").write_text(json.dumps(row) + "\n")
    lines = table(tmp_path).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["first", "second"]
    assert "20,000" in lines[2]
    assert len({len(line) for line in lines}) == 1


def test_the_folder_of_a_run_is_named_by_the_environment() -> None:
    assert FOLDER == "KOJO_FAULTS"
