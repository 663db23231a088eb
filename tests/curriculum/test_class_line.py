"""A class's own lines on one wall, and its files in everybody's bag."""

import tomllib
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from contract.errors import NotAllowed
from contract.line_check import check
from contract.words import speaking
from curriculum.learn import progress as progress_file
from curriculum.learn.class_files import Own, by_hand, take_home
from curriculum.learn.class_line import MOST_BYTES, ClassLine, join
from curriculum.learn.desks import Desks
from curriculum.learn.own_folder import OwnFolder
from curriculum.learn.toml_text import rows
from curriculum.lesson import LESSONS, load
from edge.sensors import catalogue
from kojo.cli import main
from kojo.learn_class import hours_told
from tests.curriculum.learning import Watch
from tests.rig import LINES, around_now, running, serving, until
from tests.servers import free_port

A2, A11 = load(LESSONS / "A2"), load(LESSONS / "A11")


@pytest.fixture(autouse=True)
def _in_japanese() -> Iterator[None]:
    with speaking("ja"):
        yield


def own(folder: Path, label: str, *changes: tuple[str, str]) -> Own:
    """A desk's solved line.toml, changed as its people might."""
    text = A11.solution
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / f"{label}.toml"
    file.write_text(text, "utf-8")
    return by_hand(file)


def told(made: ClassLine) -> list[str]:
    return [f"{one.label}: {one.why.ja}" for one in made.left_out]


def test_each_desk_keeps_its_pin_and_gets_its_own_stations_products_and_agents(tmp_path: Path) -> None:
    made = join(
        [
            own(tmp_path, "3", ('name = "検査台"', 'name = "洗浄"')),
            own(tmp_path, "みかん", ('end = "17:15"', 'end = "22:00"')),
            own(tmp_path, "B1", ('start = "08:30"', 'start = "07:00"')),
        ]
    )
    line = check(made.text, catalogue())
    assert told(made) == []
    assert [station.name for station in line.stations.values()] == ["3 洗浄", "みかん 検査台", "B1 検査台"]
    assert [*line.stations][0::2] == ["d3-mine", "b1-mine"]
    assert {station.sensors["done"].settings["pin"] for station in line.stations.values()} == {23}
    assert len({*line.agents}) == 3
    assert line.products["d3-mine"].name == "3 ブラケットA"
    assert made.hours == (time(7, 0), time(22, 0))


def test_a_desk_keeps_its_ids_when_others_come_or_go(tmp_path: Path) -> None:
    first, second = own(tmp_path, "みかん"), own(tmp_path, "りんご")
    both, alone = join([first, second]), join([second])
    assert both.desks[1].stations == alone.desks[0].stations
    assert both.desks[0].stations != both.desks[1].stations


def test_two_desks_of_one_name_are_two(tmp_path: Path) -> None:
    file = own(tmp_path, "3")
    assert [desk.stations for desk in join([file, file]).desks] == [("d3-mine",), ("d3-2-mine",)]


def test_long_ids_that_differ_at_their_end_stay_two(tmp_path: Path) -> None:
    long = "a" * 30
    second = f'[stations.{long}2]\nname = "二"\nagent = "{long}y"\n\n[stations.{long}2.sensors.done]\ntype = "pulse"\n'
    changes = ("[stations.mine]", f"[stations.{long}1]"), ("[stations.mine.", f"[stations.{long}1.")
    made = join(
        [
            own(
                tmp_path,
                "3",
                *changes,
                ('"pi-1"', f'"{long}x"'),
                ("[products.mine]", f'{second}pin = 23\nrole = "cycle"\n\n[products.mine]'),
            )
        ]
    )
    assert told(made) == []
    (desk,) = made.desks
    assert len(desk.stations) == len(desk.agents) == 2
    assert desk.agents == tuple(check(made.text, catalogue()).agents)


def test_a_file_of_megabytes_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "9.toml"
    huge.write_text(A11.solution + "# x\n" * MOST_BYTES, "utf-8")
    made = join([by_hand(huge)])
    assert "大きすぎます" in told(made)[0]


def test_a_file_with_mistakes_or_blanks_is_left_out_and_told_by_file_and_row(tmp_path: Path) -> None:
    starter = tmp_path / "2.toml"
    starter.write_text(A11.starter, "utf-8")
    wrong = own(tmp_path, "4", ("pin = 23", "pin = 99"), ('role = "cycle"', 'role = "cycles"'))
    made = join([own(tmp_path, "1"), by_hand(starter), wrong, by_hand(tmp_path / "nobody.toml")])
    assert [desk.label for desk in made.desks] == ["1"]
    blank = 1 + next(row for row, line in enumerate(A11.starter.splitlines()) if "___" in line.partition("#")[0])
    assert told(made)[0] == f"2: {starter}:{blank}: {blank}行目に空欄が残っています"
    own_rows = wrong.file.read_text("utf-8").splitlines()
    rows_told = [own_rows[int(row.split(":")[1]) - 1] for row in made.left_out[1].why.ja.splitlines()]
    assert rows_told == ["pin = 99", 'role = "cycles"']
    assert "ありません" in told(made)[2]


def test_a_line_that_needs_more_than_its_stations_is_left_out_alone(tmp_path: Path) -> None:
    button = '[stations.mine.sensors.why]\ntype = "button"\npin = 24\nrole = "reason"\nsays = "late"\n\n[products.mine]'
    reason = '[[reasons]]\nid = "late"\nname = "材料待ち"\n\n[[shifts]]'
    more = own(tmp_path, "4", ("[products.mine]", button), ("[[shifts]]", reason))
    assert check(more.file.read_text("utf-8"), catalogue()).reasons
    made = join([more, own(tmp_path, "5")])
    assert [desk.label for desk in made.desks] == ["5"]
    assert "このファイルだけで kojo serve" in told(made)[0]


def test_a_shift_that_the_tutor_has_mended_stays_when_the_line_is_made_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to, desk = tmp_path / "class-line.toml", own(tmp_path, "3").file
    again = ("--class-line", to, "--data", tmp_path, "--lines", desk)
    assert learn(*again) == 0
    assert "のままです" not in capsys.readouterr().out
    first = to.read_text("utf-8")
    assert learn(*again) == 0
    assert to.read_text("utf-8") == first
    to.write_text(first.replace('end = "17:15"', 'end = "23:45"'), "utf-8")
    for _ in range(2):
        assert learn(*again) == 0
        assert "〜23:45 のままです" in capsys.readouterr().out
    assert check(to.read_text("utf-8"), catalogue()).shifts[0].hours.end == time(23, 45)
    to.write_text(first.replace('end = "17:15"', "end = 今夜"), "utf-8")
    assert learn(*again) == 2
    assert "読めません" in capsys.readouterr().err
    assert "今夜" in to.read_text("utf-8")


def test_over_midnight_there_is_no_shift_and_outside_it_that_is_said(tmp_path: Path) -> None:
    night = own(tmp_path, "2", ('start = "08:30"', 'start = "22:00"'), ('end = "17:15"', 'end = "06:00"'))
    made = join([own(tmp_path, "1"), night])
    assert made.hours is None
    assert check(made.text, catalogue()).shifts == ()
    assert "1日じゅう" in str(hours_told(None, time(9)))
    assert hours_told((time(8, 30), time(17, 15)), time(12)) is None
    assert "時間外" in str(hours_told((time(8, 30), time(17, 15)), time(19)))


@pytest.mark.parametrize("file", ["contract", "washing"])
def test_what_is_written_again_says_the_same(file: str) -> None:
    raw: dict[str, Any] = tomllib.loads((LINES / f"{file}.toml").read_text("utf-8"))
    for key in ("stations", "products"):
        assert tomllib.loads("\n".join(rows((key,), raw.get(key, {})))).get(key, {}) == raw.get(key, {})


# ---- as it is typed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A class of two desks; the second has only begun its line."""
    desks = Desks(tmp_path / "class" / "desks", (A2, A11), Watch())
    for label, text in (("12", A11.starter), ("3", A11.solution)):
        desk = desks.join(label, False)
        desks.save(desk, A11, text)
        desks.save(desk, A2, A2.solution)
        desks.tried(desk, A2, True, None)
    return tmp_path / "class"


def learn(*words: object) -> int:
    return main(["learn", *map(str, words), "--lang", "ja"])


def test_the_desks_lines_are_joined_again_and_again_but_over_nobody_elses_file(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "class-line.toml"
    assert learn("--class-line", to, "--data", data) == 1
    said = capsys.readouterr()
    assert "席 12 は入れません" in said.err
    assert f"kojo learn --class-bench {to} --data class-bench" in said.out
    added = own(tmp_path, "B1").file
    assert learn("--class-line", to, "--data", data, "--lines", added) == 1
    assert [*tomllib.loads(to.read_text("utf-8"))["stations"]] == ["d3-mine", "b1-mine"]
    assert learn("--class-line", tmp_path / "alone.toml", "--data", tmp_path, "--lines", added) == 0
    assert learn("--class-line", added, "--data", data) == 2
    assert learn("--class-line", tmp_path / "new.toml", "--data", tmp_path) == 2
    assert "kojo learn --http" in capsys.readouterr().err


def test_a_desk_taken_home_goes_on_in_the_terminal(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert learn("--take-home", tmp_path / "usb", "--data", data) == 0
    assert sorted(folder.name for folder in (tmp_path / "usb").iterdir()) == ["12", "12-2", "3", "3-2"]
    home = OwnFolder(tmp_path / "usb" / "3")
    assert home.file(A11).read_text("utf-8") == A11.solution
    assert not (home.path / "desk.json").exists()
    progress, aside = progress_file.read(home.path)
    assert (progress.green, progress.of("A2").tries, aside) == ({"A2"}, 1, None)
    assert f"kojo learn --folder {home.path}" in capsys.readouterr().out
    assert learn("--take-home", tmp_path / "usb", "--data", tmp_path) == 2


def test_folders_taken_home_are_folders_on_every_machine(tmp_path: Path) -> None:
    desks = Desks(tmp_path / "desks", (A2,), Watch())
    (con, *_) = [desks.join(label, again=False) for label in ("CON", "Mikan", "mikan", "../x")]
    names = {taken.folder.relative_to(tmp_path / "usb").as_posix() for taken in take_home(tmp_path, tmp_path / "usb")}
    assert names == {con.id, "Mikan", "mikan-2", "x"}


def test_what_there_is_nothing_to_join_for_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Desks(tmp_path / "desks", (A2,), Watch()).join("3", again=False)
    assert learn("--class-line", tmp_path / "new.toml", "--data", tmp_path) == 2
    assert "1 席に、line.toml がまだありません" in capsys.readouterr().err
    assert learn("--lines", tmp_path / "new.toml") == 2
    assert "--class-line といっしょに" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that cannot be read")
def test_half_of_a_desk_is_not_taken_home(tmp_path: Path) -> None:
    desks = Desks(tmp_path / "desks", (A2,), Watch())
    desk = desks.join("3", again=False)
    desks.save(desk, A2, "x = 1")
    (tmp_path / "desks" / desk.id / "z.py").symlink_to("/proc/self/mem")  # can be opened, and not be read
    with pytest.raises(NotAllowed, match="席 3 から後"):
        list(take_home(tmp_path, tmp_path / "usb"))
    assert list((tmp_path / "usb").iterdir()) == []


@pytest.mark.slow
def test_two_desks_presses_come_onto_one_wall(tmp_path: Path) -> None:
    from tests.curriculum.test_lessons_a7_a11 import press

    made = join([own(tmp_path, "3"), own(tmp_path, "12")])
    line = tmp_path / "line.toml"
    broker = f'name = "みんなのライン"\n\n[mqtt]\nurl = "embedded:{free_port()}"'
    shift = made.text[made.text.index("[[shifts]]") : made.text.index("# 席")]
    line.write_text(made.text.replace('name = "みんなのライン"', broker).replace(shift, ""), "utf-8")
    asked = ("learn", "--class-bench", line, "--data", tmp_path / "bench")
    with serving(line, tmp_path / "data") as kit, running(*asked) as bench:
        address = bench.err.said(r"the bench \(good once\)").rpartition("  ")[2].strip()
        press(address, {"d3-pi-1": ("d3-mine/done", 1), "d12-pi-1": ("d12-mine/done", 2)})

        def counted() -> dict[str, int]:
            stations = kit.get("/kpi", **around_now())["stations"]
            return {station["name"]: station["produced_quantity"] for station in stations}

        until(lambda: counted() == {"3 検査台": 1, "12 検査台": 2}, "each desk's presses are its own pieces")
        assert bench.end() == 0
