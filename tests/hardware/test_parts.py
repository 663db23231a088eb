"""The parts file: every part a manifest names is in it, and a file with mistakes is told all of them at once."""

from datetime import date
from pathlib import Path

import pytest

from contract.catalogue import OutputType, SensorType
from contract.errors import LineError
from hardware.parts import ESTIMATE, GROUPS, load, read
from hardware.parts_list import JOINED, PI_SET
from tests.hardware.wired import kit_parts, types

GOOD = """\
[parts.box]
title = { ja = "箱", en = "box" }
spec = { ja = "大きい", en = "large" }
example = "B-1"
group = "sensor"
yen = 500
on = 2026-11-01
source = "estimate"
alternatives = ["B-2", "B-3"]
"""


def told(path: Path, text: str) -> list[str]:
    path.write_text(text, "utf-8")
    with pytest.raises(LineError) as error:
        read(path)
    return [mistake.say("en") for mistake in error.value.mistakes]


def test_a_file_saved_in_another_encoding_is_told_with_its_row_and_what_to_do(tmp_path: Path) -> None:
    mine = tmp_path / "parts.toml"
    mine.write_bytes(GOOD.encode("cp932"))
    with pytest.raises(LineError) as error:
        load(tmp_path)
    (mistake,) = error.value.mistakes
    assert (mistake.file, mistake.row) == (str(mine), 2)
    assert "not UTF-8" in mistake.say("en")
    assert "メモ帳" in mistake.say("ja")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_may_begin_with_the_mark_that_windows_writes(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "parts.toml").write_bytes(GOOD.encode(encoding))
    assert load(tmp_path)["box"].title.ja == "箱"


def test_every_part_of_every_manifest_is_in_the_parts_file() -> None:
    known = kit_parts()
    kinds: list[SensorType | OutputType] = [*types().sensors.values(), *types().outputs.values()]
    named = {(kind.type, part.id) for kind in kinds for part in kind.parts}
    named |= {(kind.type, wire.through) for kind in kinds for wire in kind.terminals if wire.through}
    missing = sorted((kind, id) for kind, id in named if id not in known)
    assert not missing, f"add them to hardware/parts.toml: {missing}"


def test_what_every_pi_needs_is_in_the_parts_file() -> None:
    assert not {*PI_SET, JOINED} - kit_parts().keys()


def test_a_pi_with_its_set_costs_what_the_curriculum_says() -> None:
    known = kit_parts()
    assert 15_000 <= sum(known[id].price.yen for id in PI_SET if id != "ribbon-terminal") <= 25_000


@pytest.mark.parametrize("entry", kit_parts().values(), ids=lambda entry: entry.id)
def test_a_price_has_a_day_and_either_a_source_or_the_word_estimate(entry: object) -> None:
    part = kit_parts()[entry.id]  # type: ignore[attr-defined]
    assert 0 < part.price.yen <= 100_000
    assert date(2020, 1, 1) <= part.price.on <= date(2027, 12, 31)
    assert part.price.on >= date(2026, 1, 1) or not part.price.estimated
    assert part.price.estimated or part.price.source.startswith("https://")
    assert len({*part.alternatives, part.example}) == 3


def test_some_prices_were_looked_up() -> None:
    assert sum(part.price.source != ESTIMATE for part in kit_parts().values()) >= 6


def test_there_is_something_in_every_group() -> None:
    assert {part.group for part in kit_parts().values()} == set(GROUPS)


def test_a_part_of_ones_own_replaces_the_kits(tmp_path: Path) -> None:
    (tmp_path / "parts.toml").write_text(GOOD + GOOD.replace("box", "bme280"), "utf-8")
    parts = load(tmp_path)
    assert parts["bme280"].price.yen == 500
    assert parts["box"].title.ja == "箱"
    assert len(parts) == len(kit_parts()) + 1


def test_without_a_file_of_ones_own_the_kits_counts(tmp_path: Path) -> None:
    assert load(tmp_path) == kit_parts()


def test_all_mistakes_are_told_at_once_with_their_rows(tmp_path: Path) -> None:
    said = told(
        tmp_path / "parts.toml", GOOD.replace("yen = 500", 'yen = "500"\ncolour = 3') + "[parts.B_x]\nyen = -1\n"
    )
    assert all("parts.toml:1: parts.box" in one or "parts.toml:11: parts.B_x" in one for one in said)
    text = "\n".join(said)
    assert "parts.box.yen: is of the wrong kind." in text
    assert "parts.box.colour: an unknown key." in text
    assert "parts.B_x: an id is lower-case letters, digits and -." in text
    assert "parts.B_x.title: is missing." in text
    assert "parts.B_x.yen: is not negative." in text


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('en = "box"', 'fr = "boîte"', "needs both ja and en"),
        ('["B-2", "B-3"]', '["B-2"]', "two other products"),
        ('"sensor"', '"sensors"', "'sensors' is none of pi, sensor"),
        ('"B-1"', '" "', "is empty"),
        ("2026-11-01", '"yesterday"', "of the wrong kind"),
        ("yen = 500", "yen = true", "of the wrong kind"),
        ("yen = 500", "yen = 500\npack = 0", "at least 1"),
        ("yen = 500", 'yen = 500\nacts_as = "magic"', "'magic' is none of isolator"),
        ("yen = 500", 'yen = 500\nterminal_v = { OUT = "5" }', "terminal = volts"),
        ("yen = 500", 'yen = 500\nmachine_side = [{ terminal = "A" }]', "a list of"),
    ],
)
def test_a_value_that_cannot_be_is_refused(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert any(said in mistake for mistake in told(tmp_path / "parts.toml", GOOD.replace(right, wrong, 1)))


def test_a_file_that_is_no_toml_and_an_unknown_table_are_told(tmp_path: Path) -> None:
    assert "parts.toml:2: not TOML" in told(tmp_path / "parts.toml", "[parts.a]\nyen = = 3\n")[0]
    assert "an unknown table" in told(tmp_path / "parts.toml", GOOD + "[prices.x]\nyen = 1\n")[0]
    assert "write it as a table" in told(tmp_path / "parts.toml", "[parts]\nx = 3\n")[0]
