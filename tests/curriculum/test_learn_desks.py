"""The desks of a class: who sits there, what is kept, and what is not."""

import json
import os
import re
import time
from pathlib import Path

import pytest

from curriculum.learn.desks import BEFORE, MOST_BEFORE, MOST_DESKS, MOST_TEXT, Desks
from curriculum.learn.kept_desks import GO_ON, set_aside
from curriculum.learn.newcomers import MINUTE_S, MOST_A_MINUTE
from edge.bench_guard import Refusal
from tests.curriculum.learning import Watch, lesson

A2 = lesson("A2")


def a_class(folder: Path, watch: Watch | None = None) -> Desks:
    return Desks(folder, (A2, lesson("A3")), watch or Watch())


def refused(error: "pytest.ExceptionInfo[Refusal]") -> str:
    return error.value.kind


def test_a_desk_and_its_file_are_there_again_after_a_new_start(tmp_path: Path) -> None:
    first = a_class(tmp_path)
    desk = first.join("3", again=False)
    first.save(desk, A2, "x = 5  # 五\n")
    first.tried(desk, A2, green=False, hint="wrong-pin")
    second = a_class(tmp_path)
    (again,) = second.all()
    assert (again.id, again.label) == (desk.id, "3")
    assert second.text(again, A2) == "x = 5  # 五\n"
    assert again.lessons["A2"].hint == "wrong-pin"


def test_a_number_typed_with_the_japanese_input_on_is_the_same_number(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    assert desks.join("３", again=False).label == "3"
    with pytest.raises(Refusal) as error:
        desks.join(" 3 ", again=False)
    assert refused(error) == "label-taken"


def test_a_second_laptop_of_the_same_pair_goes_on_at_the_same_desk(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    assert desks.join("3", again=False) is desks.join("3", again=True)


@pytest.mark.parametrize("label", ["", "   ", "x" * 17, "a\x07b", None, 3, "\u200b"])
def test_what_is_no_label_is_refused(tmp_path: Path, label: object) -> None:
    with pytest.raises(Refusal) as error:
        a_class(tmp_path).join(label, again=False)
    assert refused(error) == "bad-label"


def test_there_are_so_many_desks_and_no_more(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    for number in range(MOST_DESKS):
        desks.join(str(number), again=False)
    with pytest.raises(Refusal) as error:
        desks.join("100", again=False)
    assert refused(error) == "too-many-desks"
    idle = desks.all()[0]
    assert f"{tmp_path.name}/{idle.id}" in error.value.say("ja")


def test_one_machine_takes_so_many_new_desks_a_minute_and_the_others_go_on(tmp_path: Path) -> None:
    watch = Watch()
    desks = a_class(tmp_path, watch)
    for number in range(MOST_A_MINUTE):
        desks.join(str(number), False, "192.168.4.7")
    with pytest.raises(Refusal) as error:
        desks.join("one more", False, "192.168.4.7")
    assert (error.value.status, error.value.after_s) == (429, MINUTE_S)
    desks.join("3", True, "192.168.4.7")
    desks.join("another's", False, "192.168.4.8")
    desks.join("the tutor's", False)
    watch.go(1)
    desks.join("one more", False, "192.168.4.7")


def test_a_file_that_is_too_large_is_refused_and_the_last_one_stays(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    desk = desks.join("1", again=False)
    desks.save(desk, A2, "x = 1")
    for text in ("あ" * MOST_TEXT, None, 7):
        with pytest.raises(Refusal):
            desks.save(desk, A2, text)
    assert desks.text(desk, A2) == "x = 1"


def test_the_newest_of_the_files_set_aside_comes_back_and_the_oldest_goes(tmp_path: Path) -> None:
    watch = Watch()
    desks = a_class(tmp_path, watch)
    desk = desks.join("1", again=False)
    assert desks.set_aside_last(desk, A2) is None
    for number in range(MOST_BEFORE + 3):
        watch.go(1)
        name = desks.set_aside(desk, A2, f"x = {number}")
    assert desks.set_aside_last(desk, A2) == f"x = {MOST_BEFORE + 2}"
    assert (tmp_path / desk.id / name).read_text() == f"x = {MOST_BEFORE + 2}"
    assert len([*(tmp_path / desk.id / BEFORE).iterdir()]) == MOST_BEFORE
    with pytest.raises(Refusal):
        desks.set_aside(desk, A2, "x" * (MOST_TEXT + 1))


def test_two_that_begin_anew_in_one_second_both_keep_their_file_whatever_else_lies_there(tmp_path: Path) -> None:
    watch = Watch()
    desks = a_class(tmp_path, watch)
    desk = desks.join("3", again=False)
    before = tmp_path / desk.id / BEFORE
    before.mkdir()
    (before / f"folder-{A2.file}").mkdir()
    (before / f"link-{A2.file}").symlink_to("/nowhere")
    (before / f"huge-{A2.file}").write_bytes(b"\xff" * (MOST_TEXT + 1))
    names = [desks.set_aside(desk, A2, text) for text in ("x = 1", "x = 2", "x = 3")]
    assert [(tmp_path / desk.id / name).read_text() for name in names] == ["x = 1", "x = 2", "x = 3"]
    assert desks.set_aside_last(desk, A2) == "x = 3"


def test_a_clock_that_is_set_back_loses_no_file_that_was_set_aside(tmp_path: Path) -> None:
    desks = a_class(tmp_path, watch := Watch())
    desk = desks.join("3", again=False)
    tomorrow = time.time() + 86400
    for number in range(MOST_BEFORE):
        name = desks.set_aside(desk, A2, f"x = {number}")
        os.utime(tmp_path / desk.id / name, (tomorrow + number, tomorrow + number))
        watch.go(minutes=1)
    for text in ("y = 1", "y = 2"):
        desks.set_aside(desk, A2, text)
        assert desks.set_aside_last(desk, A2) == text


def test_a_file_that_is_there_and_cannot_be_read_is_told_not_taken_for_none(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    desk = desks.join("3", again=False)
    (tmp_path / desk.id / A2.file).mkdir()
    with pytest.raises(Refusal) as error:
        desks.text(desk, A2)
    assert refused(error) == "not-read"


def test_a_desks_key_stays_over_a_restart(tmp_path: Path) -> None:
    desk = a_class(tmp_path).join("3", again=False)
    (again,) = a_class(tmp_path).all()
    assert again.key == desk.key
    assert re.fullmatch("[1-9][0-9]{3}", desk.key)


def test_half_a_letter_pair_is_kept_as_a_question_mark(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    desk = desks.join("1", again=False)
    desks.save(desk, A2, "x = '\ud83d'")
    assert desks.text(desk, A2) == "x = '?'"


def test_time_worked_leaves_out_the_lunch_and_ends_at_green(tmp_path: Path) -> None:
    watch = Watch()
    desks = a_class(tmp_path, watch)
    desk = desks.join("1", again=False)
    for minutes in (0, 4, 60, 3):
        watch.go(minutes)
        desks.opened(desk, A2)
    desks.tried(desk, A2, green=True, hint=None)
    watch.go(5)
    desks.save(desk, A2, "x = 2")
    assert desk.lessons["A2"].worked_s == 7 * 60


def test_green_once_is_green_for_good(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    desk = desks.join("1", again=False)
    desks.tried(desk, A2, green=True, hint=None)
    desks.tried(desk, A2, green=False, hint="brackets")
    assert desk.lessons["A2"].green_s is not None
    assert desk.lessons["A2"].hint is None


def test_the_same_hint_again_does_not_begin_anew(tmp_path: Path) -> None:
    watch = Watch()
    desks = a_class(tmp_path, watch)
    desk = desks.join("1", again=False)
    desks.tried(desk, A2, green=False, hint="brackets")
    since_s = desk.lessons["A2"].hint_since_s
    watch.go(4)
    desks.tried(desk, A2, green=False, hint="brackets")
    assert desk.lessons["A2"].hint_since_s == since_s
    desks.tried(desk, A2, green=False, hint="wrong-pin")
    assert desk.lessons["A2"].hint_since_s == watch.now_s


def test_hints_are_counted_by_the_furthest_step(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    desk = desks.join("1", again=False)
    desks.tried(desk, A2, green=False, hint="brackets")
    desks.hinted(desk, A2, "brackets", 3)
    desks.hinted(desk, A2, "brackets", 2)
    assert desk.lessons["A2"].hints == {"brackets": 3}
    for hint, step in (("brackets", 4), ("brackets", 0), ("no-such", 1)):
        with pytest.raises(Refusal):
            desks.hinted(desk, A2, hint, step)


def test_the_first_answers_of_a_quiz_count(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    desk = desks.join("1", again=False)
    desks.quizzed(desk, A2, "before", 1)
    desks.quizzed(desk, A2, "before", 3)
    assert desk.lessons["A2"].quiz == {"before": 1}
    with pytest.raises(Refusal):
        desks.quizzed(desk, A2, "after", 4)


def test_the_finished_file_is_shown_and_that_is_noted(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    desk = desks.join("1", again=False)
    assert desks.show(desk, A2) == A2.solution
    assert desk.lessons["A2"].shown


def test_a_desk_that_cannot_be_read_does_not_take_the_others_away(tmp_path: Path) -> None:
    desks = a_class(tmp_path)
    desks.join("1", again=False)
    broken = desks.join("2", again=False)
    (tmp_path / broken.id / "desk.json").write_text(json.dumps({"label": "2", "lessons": {"A2": {"nonsense": 1}}}))
    assert [desk.label for desk in a_class(tmp_path).all()] == ["1"]


def test_no_name_leads_out_of_the_desks_folder(tmp_path: Path) -> None:
    desks = a_class(tmp_path / "desks")
    desk = desks.join("../../x", again=False)
    desks.save(desk, A2, "x = 1")
    assert {path.parent.parent for path in tmp_path.rglob("*.*")} == {tmp_path / "desks"}


@pytest.mark.parametrize(
    "spoilt",
    [
        '{"label": "2", "joined_s": 1, "lessons": []}',
        '{"label": "2", "joined_s": 1e999, "lessons": {}}',
        '{"label": "2", "joined_s": 1, "lessons": {"A2": {"last_s": "x"}}}',
        '{"label": "2", "joined_s": 1, "lessons": {"A2": {"hints": {"brackets": "x"}}}}',
        '{"label": "2", "joined_s": 1, "lessons": {"A2": {"hint": "\\ud800"}}}',
        '{"label": "\\ud800", "joined_s": 1, "lessons": {}}',
        '{"label": "2", "joined_s": true, "lessons": {}}',
        '{"label": "2", "joined_s": 1, "lessons": {}, "key": 4821}',
        '{"label": "2", "joined_s": 1, "lessons": {}, "key": "\u0664821"}',
        "[" * 100_000,
        "[]",
        "null",
        " " * 300_000,
        "",
    ],
)
def test_a_spoilt_desk_is_left_out_and_its_file_kept(tmp_path: Path, spoilt: str) -> None:
    a_class(tmp_path).join("1", again=False)
    file = tmp_path / "spoilt" / "desk.json"
    file.parent.mkdir()
    file.write_text(spoilt)
    assert [desk.label for desk in a_class(tmp_path).all()] == ["1"]
    assert file.read_text() == spoilt


def test_a_next_class_begins_with_empty_desks_and_nothing_is_lost(tmp_path: Path) -> None:
    folder, watch = tmp_path / "desks", Watch()
    desks = a_class(folder, watch)
    desk = desks.join("1", again=False)
    desks.save(desk, A2, "x = 5")
    watch.go(60 * 13)
    (place, many), *more = set_aside(folder, watch()).items()
    assert (many, more, place.parent) == (1, [], tmp_path)
    assert place.name.startswith("desks-20")
    assert (place / desk.id / A2.file).read_text() == "x = 5"
    assert a_class(folder, watch).all() == []


def test_after_lunch_the_class_is_the_same(tmp_path: Path) -> None:
    watch = Watch()
    a_class(tmp_path, watch).join("1", again=False)
    watch.go(90)
    assert set_aside(tmp_path, watch()) == {}


def test_a_class_that_is_said_to_go_on_keeps_its_desks(tmp_path: Path) -> None:
    watch = Watch()
    a_class(tmp_path, watch).join("1", again=False)
    watch.go(60 * 20)
    (tmp_path / GO_ON).touch()
    os.utime(tmp_path / GO_ON, (watch(), watch()))
    assert set_aside(tmp_path, watch()) == {}
