"""The facilitator's board: counts, where a tutor is waited for, and the figures without names."""

import csv
import io
from pathlib import Path

from curriculum.learn.board import board, figures
from curriculum.learn.desk import Desk
from curriculum.learn.desks import Desks
from tests.curriculum.learning import Watch, lesson

LESSONS = (lesson("A2"), lesson("A3", must=False))
A2 = LESSONS[0]


def a_class(folder: Path, watch: Watch, *labels: str) -> tuple[Desks, list[Desk]]:
    desks = Desks(folder, LESSONS, watch)
    return desks, [desks.join(label, again=False) for label in labels]


def test_it_counts_how_many_desks_are_green(tmp_path: Path) -> None:
    watch = Watch()
    desks, (one, two, _) = a_class(tmp_path, watch, "1", "2", "3")
    desks.tried(one, A2, green=True, hint=None)
    desks.tried(two, A2, green=False, hint="brackets")
    told = board(desks.all(), LESSONS, watch())["lessons"][0]
    assert (told["green"], told["begun"], told["desks"]) == (1, 2, 3)


def test_desks_stand_in_the_order_of_their_numbers_whoever_was_first(tmp_path: Path) -> None:
    watch = Watch()
    desks, found = a_class(tmp_path, watch, "10", "みかん", "2", "1")
    desks.tried(found[0], A2, green=True, hint=None)
    assert [desk["label"] for desk in board(desks.all(), LESSONS, watch())["desks"]] == ["1", "2", "10", "みかん"]


def test_a_desk_is_stuck_after_five_minutes_at_one_hint_and_not_before(tmp_path: Path) -> None:
    watch = Watch()
    desks, (one,) = a_class(tmp_path, watch, "1")
    desks.tried(one, A2, green=False, hint="brackets")
    desks.hinted(one, A2, "brackets", 2)
    cells = []
    for minutes in (4.9, 0.1):
        watch.go(minutes)
        cells.append(board(desks.all(), LESSONS, watch())["desks"][0]["lessons"]["A2"])
    assert [cell["state"] for cell in cells] == ["trying", "stuck"]
    assert (cells[1]["since_s"], cells[1]["step"], cells[1]["look"]["ja"]) == (300, 2, "brackets 1")


def test_no_time_of_a_green_desk_is_told(tmp_path: Path) -> None:
    watch = Watch()
    desks, (one,) = a_class(tmp_path, watch, "1")
    desks.tried(one, A2, green=True, hint=None)
    assert board(desks.all(), LESSONS, watch())["desks"][0]["lessons"]["A2"] == {"state": "green"}


def test_yesterdays_desks_are_not_of_this_class(tmp_path: Path) -> None:
    watch = Watch()
    desks, _ = a_class(tmp_path, watch, "1")
    watch.go(13 * 60)
    desks.join("2", again=False)
    seen = board(desks.all(), LESSONS, watch())
    assert [desk["label"] for desk in seen["desks"]] == ["2"]
    assert seen["lessons"][0]["desks"] == 1


def test_the_figures_have_minutes_and_hints_and_no_name(tmp_path: Path) -> None:
    watch = Watch()
    desks, found = a_class(tmp_path, watch, "秘密ちゃん", "7")
    for desk in found:
        desks.opened(desk, A2)
        desks.quizzed(desk, A2, "before", 1)
        watch.go(9)
        desks.tried(desk, A2, green=False, hint="brackets")
        desks.hinted(desk, A2, "brackets", 3)
        desks.tried(desk, A2, green=True, hint=None)
        desks.quizzed(desk, A2, "after", 3)
    made = figures(desks.all(), LESSONS)
    rows = list(csv.DictReader(io.StringIO(made.removeprefix("\ufeff"))))
    assert made.startswith("\ufeff")
    assert "秘密" not in made
    assert not any(desk.id in made for desk in found)
    assert len(rows) == 2
    assert rows[0] == {
        "lesson": "A2",
        "minutes_planned": "40",
        "minutes_worked": "9.0",
        "green": "yes",
        "tries": "2",
        "hints": "1",
        "hint_steps": "3",
        "finished_file_shown": "no",
        "quiz_before": "1",
        "quiz_after": "3",
        "quiz_questions": "3",
    }


def test_a_desks_rows_do_not_stand_at_the_same_place_in_every_lesson(tmp_path: Path) -> None:
    watch = Watch()
    desks, found = a_class(tmp_path, watch, *(str(number) for number in range(8)))
    for number, desk in enumerate(found):
        for each in LESSONS:
            for _ in range(number + 1):
                desks.tried(desk, each, green=False, hint="brackets")
    rows = list(csv.DictReader(io.StringIO(figures(desks.all(), LESSONS).removeprefix("\ufeff"))))
    first, second = ([row["tries"] for row in rows if row["lesson"] == each.id] for each in LESSONS)
    assert sorted(first) == sorted(second)
    assert not first == second == sorted(first)
