"""``kojo sensors TYPE``: a type's page in the terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from kojo.cli import main

WITHOUT_THE_BENCH = (
    "import sys; sys.modules['gpiozero'] = None; from kojo.cli import main; sys.exit(main(sys.argv[1:]))"
)


def test_it_says_in_japanese_what_it_is_for_and_what_goes_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "ja", "sensors", "bme280"]) == 0
    said = capsys.readouterr()
    assert "気をつけること: 電源は 3V3 です" in said.out
    assert "うまくいかないとき" in said.out
    assert "アドレス 0x76 が応答しません" in said.out
    assert said.err == ""


def test_without_the_benchs_packages_the_page_is_shown_all_the_same() -> None:
    asked = [sys.executable, "-c", WITHOUT_THE_BENCH, "--lang", "en", "sensors", "bme280"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert "## Wiring" in done.stdout
    assert "What goes wrong" not in done.stdout
    assert "kojohack[edge]" in done.stderr


def test_a_rehearsal_of_a_named_type_names_its_scenes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--lang", "ja", "rehearse", "button"]) == 0
    head, *scenes = capsys.readouterr().out.splitlines()
    assert head.endswith(f"合格({len(scenes)} 場面)")
    assert scenes[0].startswith("  1. ")
    assert all(scene.split(". ", 1)[1].strip() for scene in scenes)
