"""`kojo init`: a first line.toml by asking; what it writes is a good line, whatever was answered."""

import subprocess
from pathlib import Path

import pytest

from contract.errors import NotAllowed
from contract.line import load
from contract.line_advice import advice
from contract.words import Language
from edge.sensors import catalogue
from hardware.line_draft import LineDraft, StationDraft, written
from kojo.init import from_nobody, init
from tests.rig import KOJO, environment, kojo

pytestmark = pytest.mark.slow

ANSWERS = ["akita", "wash", "部品洗浄ライン", "", "８:00", "17:00", "10:00-10:10、12:00-13:00", "洗浄機、梱包",
           "washer", "27", "", "GPIO22", "packer", "18.5秒", "external"]  # fmt: skip


class Person:
    """Answers in order, then nothing; remembers what was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers, self.asked = list(answers), list[str]()

    def __call__(self, question: str) -> str | None:
        self.asked.append(question)
        return self._answers.pop(0) if self._answers else None


def test_what_is_written_by_default_is_a_line_that_check_passes_without_advice(tmp_path: Path) -> None:
    assert init(tmp_path / "line.toml", from_nobody, again=False) == 0
    line = load(tmp_path / "line.toml", catalogue())
    assert advice(line) == []
    assert line.agents == ("pi-1",)


def test_answers_become_the_line(tmp_path: Path) -> None:
    person = Person(*ANSWERS)
    assert init(tmp_path / "line.toml", person, again=True) == 0
    line = load(tmp_path / "line.toml", catalogue())
    assert (line.site, line.line, line.name) == ("akita", "wash", "部品洗浄ライン")
    assert [station.name for station in line.stations.values()] == ["洗浄機", "梱包"]
    assert line.stations["washer"].sensors["done"].settings["pin"] == 22
    assert (line.stations["packer"].agent, line.stations["packer"].ideal_cycle_s) == (None, 18.5)
    assert advice(line) == []
    assert all("[" in question for question in person.asked), "each has a default"


@pytest.mark.parametrize(
    ("place", "answer"),
    [(0, "Akita"), (3, "Asia/Tokio"), (4, "8時"), (5, "25:00"), (6, "昼"), (9, "0"), (10, "puls"), (11, "99")],
)
def test_a_wrong_answer_is_asked_for_again_or_said(tmp_path: Path, place: int, answer: str) -> None:
    wrong = [*ANSWERS[:place], answer, *ANSWERS[place:]]
    person = Person(*wrong)
    assert init(tmp_path / "line.toml", person, again=True) == 0
    assert person.asked[place] == person.asked[place + 1]
    with pytest.raises(NotAllowed):
        init(tmp_path / "other.toml", Person(*wrong), again=False)
    assert not (tmp_path / "other.toml").exists()


def test_an_id_or_a_pin_is_not_used_twice(tmp_path: Path) -> None:
    person = Person(*[""] * 7, "a、b", "x", "", "", "17", "x", "y", "", "", "17", "4")
    assert init(tmp_path / "line.toml", person, again=True) == 0
    line = load(tmp_path / "line.toml", catalogue())
    assert [station.sensors["done"].settings["pin"] for station in line.stations.values()] == [17, 4]


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "line.toml").write_text("mine", "utf-8")
    with pytest.raises(NotAllowed, match=r"line\.toml"):
        init(tmp_path / "line.toml", from_nobody, again=False)
    assert (tmp_path / "line.toml").read_text("utf-8") == "mine"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_odd_names_are_quoted(tmp_path: Path, lang: Language) -> None:
    station = StationDraft("a", 'q"\\', 4.0)
    file = tmp_path / "line.toml"
    draft = LineDraft("s", "l", "L", "UTC", "S", "22:00", "06:00", (), "pi-1", (station,))
    file.write_text(written(draft, lang), "utf-8")
    assert load(file, catalogue()).stations["a"].name == 'q"\\'


def test_it_works_without_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    assert kojo("init", "--yes", file).returncode == 0
    again = kojo("init", file)
    assert (again.returncode, "not written over" in again.stderr) == (2, True)
    told = subprocess.run(
        [*KOJO, "init", str(tmp_path / "b.toml")], input="\n".join(ANSWERS), text=True, capture_output=True,
        env=environment(), check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert kojo("check", tmp_path / "b.toml").stdout.startswith("ok: 部品洗浄ライン (2 stations")
