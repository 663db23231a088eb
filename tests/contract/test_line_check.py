"""Reading a whole line file: every mistake at once, to the letter, in both languages."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.errors import LineError, NotThere
from contract.line import load
from contract.line_check import check, measure_of
from contract.reading import Series
from tests.contract.catalogue import CATALOGUE
from tests.contract.good_line import GOOD, changed, load_text, mistakes

MISTAKES = Path(__file__).parent / "mistakes"
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")


def cases() -> Iterator[tuple[str, str, str, list[str]]]:
    """Name, what is replaced, by what, and what must be said."""
    for file in sorted(MISTAKES.glob("*.txt")):
        for number, case in enumerate(file.read_text("utf-8").strip().split("\n\n"), 1):
            lines = case.split("\n")
            old, new, said = ([line[2:] for line in lines if line.startswith(sign)] for sign in "-+!")
            assert len(old) + len(new) + len(said) == len(lines)
            name = f"{file.stem} {number}: {(new or old)[-1][:50]}"
            yield name, "\n".join(old), "\n".join(new), [] if said == ["nothing"] else said


CASES = list(cases())


@pytest.mark.parametrize(("old", "new", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_wrong_line_is_told_where_and_why(old: str, new: str, said: list[str]) -> None:
    text = changed(old, new) if new else changed(old + "\n", "")
    assert mistakes(text) == said
    in_japanese = mistakes(text, "ja")
    assert len(in_japanese) == len(said)
    assert all(JAPANESE.search(line) for line in in_japanese)
    assert "secret" not in " ".join(said).replace("secrets.toml", "").replace("secrets never", "")


def test_there_are_many_cases() -> None:
    assert len(CASES) > 200


def test_the_good_line_has_no_mistake() -> None:
    assert mistakes(GOOD) == []


def test_the_contracts_own_two_mistakes_to_the_letter() -> None:
    text = (
        'schema = 1\nsite = "akita"\nline = "wash"\n'
        + "\n" * 22
        + '[stations.washer]\nname = "洗浄機"\nagent = "pi-1"\n'
        + '[stations.washer.sensors.done]\ntype = "pulse"\npin = 99\nrole = "cycle"\n\n'
        + '[stations.washer.sensors.wash]\ntype = "level"\npinn = 27\n'
    )
    assert mistakes(text) == [
        "line.toml:31: stations.washer.sensors.done.pin: 99 is not a BCM number (0 to 27). "
        "Hint: GPIO17 is header pin 11.",
        'line.toml:36: stations.washer.sensors.wash: unknown key "pinn". Did you mean "pin"?',
    ]
    assert mistakes(text, "ja") == [
        "line.toml:31: stations.washer.sensors.done.pin: 99 は、BCM 番号(0〜27)ではありません。 "
        "ヒント: GPIO17 はヘッダーの 11 番ピンです。",
        'line.toml:36: stations.washer.sensors.wash: "pinn" というキーはありません。 「pin」ではありませんか。',
    ]


def test_all_mistakes_come_in_the_order_of_the_file() -> None:
    text = changed(
        'set = "washer/andon"',
        'set = "x"',
        "pin = 17",
        "pin = 99",
        'site = "akita"',
        "site = 1",
        "pin = 23",
        "pin = 28",
    )
    rows = [int(line.split(":")[1]) for line in mistakes(text)]
    assert len(rows) == 4
    assert rows == sorted(rows)


def test_the_file_is_called_as_the_user_called_it(tmp_path: Path) -> None:
    file = tmp_path / "my line.toml"
    file.write_text("schema = 2\n", "utf-8")
    with pytest.raises(LineError) as error:
        load(file, CATALOGUE)
    assert error.value.say("en").startswith(f"{file}:1: ")
    with pytest.raises(LineError, match=r"^a\.toml:1: "):
        check("schema = 2", CATALOGUE, "a.toml")


def test_the_line_knows_its_file_and_text(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    file.write_text(GOOD, "utf-8")
    line = load(file, CATALOGUE)
    assert (line.file, line.text) == (file, GOOD)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_windows_editors_write_is_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "line.toml"
    file.write_bytes(GOOD.replace("\n", "\r\n").encode(encoding))
    assert load(file, CATALOGUE).stations["washer"].name == "洗浄機"


def test_another_encoding_is_told_with_its_row(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    file.write_bytes('# comment\nname = "洗浄機"\n'.encode("shift_jis"))
    with pytest.raises(LineError) as error:
        load(file, CATALOGUE)
    assert error.value.say("en").startswith(f"{file}:2: this is not UTF-8. Hint: save the file as UTF-8")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "line.toml").write_text(GOOD, "utf-8")
    with pytest.raises(NotThere) as error:
        load(tmp_path / "lin.toml", CATALOGUE)
    assert error.value.say("en") == (
        f'There is no file {tmp_path / "lin.toml"}. Did you mean "{tmp_path / "line.toml"}"?'
    )
    with pytest.raises(NotThere, match="kojo init"):
        load(tmp_path / "else" / "x.toml", CATALOGUE)
    with pytest.raises(NotThere):
        load(tmp_path / "line.toml" / "x.toml", CATALOGUE)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotThere) as error:
        load(tmp_path, CATALOGUE)
    assert "is a folder, not a file" in error.value.say("en")


def test_every_measure_of_the_line_is_known() -> None:
    line = load_text(GOOD)
    kinds = {
        ("washer", "done", "count"): "total",
        ("washer", "wash", "state"): "level",
        ("washer", "why", "pressed"): "text",
        ("washer", "why", "count"): "total",
        ("washer", "meter", "temp"): "number",
        ("washer", "andon", "state"): "level",
        ("washer", "_agent", "alive"): "number",
        ("packer", "done", "count"): "total",
    }
    for names, kind in kinds.items():
        measure = measure_of(line, Series(*names))
        assert measure is not None
        assert measure.kind == kind
    for names in [("packer", "_agent", "alive"), ("washer", "done", "state"), ("oven", "done", "count")]:
        assert measure_of(line, Series(*names)) is None


def test_a_measure_is_found_without_searching() -> None:
    line = load_text(GOOD)
    series = Series("washer", "andon", "state")
    began = time.perf_counter()
    for _ in range(10_000):
        line.measure(series)
    assert time.perf_counter() - began < 1.0
