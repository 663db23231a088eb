"""`kojo check`: every mistake of a file at once, or the line in a few words."""

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from tests.rig import LINES, kojo, written

pytestmark = pytest.mark.slow


def test_the_example_lines_are_good_and_said_in_a_few_words() -> None:
    good = kojo("check", LINES / "contract.toml")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout == "ok: 部品洗浄ライン (2 stations, 5 sensors, 1 agents)\n"
    assert kojo("check", LINES / "washing.toml", lang="ja").stdout.startswith(
        "よし: 部品洗浄ライン(工程 2: 洗浄機、梱包"
    )


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (LINES / "contract.toml").read_text("utf-8")
    text = (
        text.replace("pin = 17 ", "pin = 99 ")
        .replace("pin = 27", "pinn = 27")
        .replace('url = "embedded"', 'url = "mqt://x"')
    )
    bad = kojo("check", written(tmp_path, text))
    assert bad.returncode == 2
    assert bad.stdout == ""
    rows = [line for line in bad.stderr.splitlines() if line.startswith(str(tmp_path))]
    assert [row.removeprefix(f"{tmp_path}/line.toml:").partition(":")[0] for row in rows] == ["9", "86", "93"]
    assert "99 is not a BCM number (0 to 27). Hint: GPIO17 is header pin 11." in rows[1]
    assert 'unknown key "pinn". Did you mean "pin"?' in rows[2]
    assert "3 mistake" in bad.stderr


def test_the_schema_for_editors_is_printed_and_takes_a_right_line() -> None:
    told = json.loads(kojo("check", "--schema").stdout)
    Draft7Validator.check_schema(told)
    line = tomllib.loads((LINES / "contract.toml").read_text("utf-8"))
    Draft7Validator(told).validate(json.loads(json.dumps(line, default=str)))


def test_a_threshold_that_can_see_nothing_is_a_warning_and_no_mistake(tmp_path: Path) -> None:
    text = (LINES / "contract.toml").read_text("utf-8").replace("stop_after_s = 60.0 ", "stop_after_s = 600.0 ", 1)
    for lang, told, many in (("en", "there can be no short stop", "1 warning(s)"),
                             ("ja", "チョコ停は一つも出ません", "注意が 1 個あります")):  # fmt: skip
        found = kojo("check", written(tmp_path, text), lang=lang)
        assert found.returncode == 0
        assert "部品洗浄ライン" in found.stdout
        [row] = [line for line in found.stderr.splitlines() if line.startswith(str(tmp_path))]
        assert told in row
        assert "stations.washer.stop_after_s" in row
        assert many in found.stderr
