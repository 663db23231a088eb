"""Two laptops at one desk: whatever either of them typed is in the file or beside it."""

from pathlib import Path

from curriculum.learn.desk import Desk
from curriculum.learn.desks import BEFORE, Desks
from curriculum.learn.two_laptops import Saved, version
from tests.curriculum.learning import Watch, lesson

A2 = lesson("A2")


def a_desk(folder: Path) -> tuple[Desks, Desk]:
    desks = Desks(folder, (A2,), Watch())
    return desks, desks.join("3", again=False)


def aside(folder: Path, desk: Desk) -> list[str]:
    return sorted(file.read_text() for file in (folder / desk.id / BEFORE).glob("*"))


def test_what_the_other_laptop_wrote_meanwhile_is_set_aside_and_told(tmp_path: Path) -> None:
    desks, desk = a_desk(tmp_path)
    assert desks.save(desk, A2, "x = 1  # b", None, "b") == Saved(version("x = 1  # b"))
    saved = desks.save(desk, A2, "x = 2  # a", None, "a")
    assert saved == Saved(version("x = 2  # a"), "x = 1  # b")
    assert desks.text(desk, A2) == "x = 2  # a"
    assert desks.set_aside_last(desk, A2) == "x = 1  # b"
    assert desks.save(desk, A2, "x = 3  # a", saved.version, "a").other is None


def test_it_holds_over_a_restart_of_the_server(tmp_path: Path) -> None:
    desks, desk = a_desk(tmp_path)
    desks.save(desk, A2, "x = 1\r\n", None, "b")
    again = Desks(tmp_path, (A2,), Watch())
    (desk,) = again.all()
    assert again.save(desk, A2, "x = 2\n", version("x = 1\n"), "a").other is None
    assert again.save(desk, A2, "x = 4\n", version("x = 1\n"), "b").other == "x = 2\n"


def test_who_typed_nothing_new_writes_over_nothing(tmp_path: Path) -> None:
    desks, desk = a_desk(tmp_path)
    desks.save(desk, A2, "x = 1", None, "a")
    old = version("x = 1")
    desks.save(desk, A2, "x = 2", old, "b")
    assert desks.save(desk, A2, "x = 1", old, "a") == Saved(old, "x = 2")
    assert desks.text(desk, A2) == "x = 2"
    assert desks.save(desk, A2, "x = 1  # more", old, "a").other == "x = 2"
    assert aside(tmp_path, desk) == ["x = 2"]


def test_an_answer_lost_on_the_air_makes_nobodys_own_text_anothers(tmp_path: Path) -> None:
    desks, desk = a_desk(tmp_path)
    for text in ("x = 1", "x = 1", "x = 12"):
        assert desks.save(desk, A2, text, None, "a").other is None
    assert aside(tmp_path, desk) == []


def test_the_first_file_is_nothing_that_could_be_lost(tmp_path: Path) -> None:
    desks, desk = a_desk(tmp_path)
    desks.save(desk, A2, A2.starter, None, "a")
    assert desks.save(desk, A2, "x = 2", None, "b").other is None


def test_two_that_type_at_once_fill_no_folder_and_push_nothing_out_of_it(tmp_path: Path) -> None:
    desks, desk = a_desk(tmp_path)
    desks.set_aside(desk, A2, "x = 0  # before starting over")
    had: dict[str, str | None] = {"a": None, "b": None}
    for number in range(30):
        by = "ab"[number % 2]
        had[by] = desks.save(desk, A2, f"x = {number}  # {by}", had[by], by).version
    assert desks.text(desk, A2) == "x = 29  # b"
    assert aside(tmp_path, desk) == ["x = 0  # before starting over", "x = 27  # b", "x = 28  # a"]
