"""Whoever has outputs on a Pi is told that its kernel keeps driving them after a kill, until that is switched off."""

from pathlib import Path

import pytest

from contract.line import Line, Output, Station
from kojo.doctor_outputs import of_outputs
from kojo.findings import Finding, worst

ANDON = Output("washer", "andon", "lamp", {"pin": 23})
WASHER, PACKER = Station("washer", "洗浄機", "pi-1", outputs={"andon": ANDON}), Station("packer", "包装", "pi-2")
LINE = Line("akita", "wash", stations={"washer": WASHER, "packer": PACKER})


def told(folder: Path, config: str | None, agent: str = "pi-1") -> list[Finding]:
    """What is said on a Pi with such a config.txt (None: it is no Pi), where that agent runs."""
    (folder / f"{agent}.outbox.sqlite").touch()
    if config is not None:
        (folder / "config.txt").write_text(config, "utf-8")
    return list(of_outputs(LINE, folder, folder / "config.txt"))


@pytest.mark.parametrize(
    "config", ["", "dtparam=i2c_arm=on\n", "#dtparam=strict_gpiod\n", "dtparam=strict_gpiod=off\n", "strict_gpiod\n"]
)
def test_outputs_that_stay_on_after_a_kill_are_named_with_what_to_write(tmp_path: Path, config: str) -> None:
    (finding,) = told(tmp_path, config)
    assert (finding.state, worst([finding])) == ("known", False)
    assert "washer/andon" in finding.what.ja
    assert "washer/andon" in finding.what.en
    assert finding.hint is not None
    assert "dtparam=strict_gpiod" in finding.hint.ja


@pytest.mark.parametrize(
    "config", ["[all]\ndtparam=strict_gpiod\n", "dtparam=i2c_arm=on,strict_gpiod # 出力\n", "dtparam=strict_gpiod=on"]
)
def test_nothing_is_said_where_the_kernel_lets_go_of_them(tmp_path: Path, config: str) -> None:
    assert told(tmp_path, config) == []


def test_nothing_is_said_where_there_is_no_output_or_no_pi(tmp_path: Path) -> None:
    assert told(tmp_path, None) == []
    other = tmp_path / "other"
    other.mkdir()
    assert told(other, "", agent="pi-2") == []
