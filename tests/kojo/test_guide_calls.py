"""The calls in the guide are made as they stand there, against a `kojo serve` with the contract's line."""

import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.rig import WITHIN_S, contract_line, serving
from tests.servers import free_port, need

pytestmark = pytest.mark.slow

GUIDE = (Path(__file__).parents[2] / "docs" / "guide.md").read_text("utf-8")
CALLS = re.findall(r"^curl (?:.*\\\n)*.*$", GUIDE, re.MULTILINE)
DAY = "2026-11-20"


def last_working_day() -> str:
    """A day that is over, in the week's shifts."""
    day = datetime.now(ZoneInfo("Asia/Tokyo")).date() - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day.isoformat()


def test_every_call_in_the_guide_is_answered(tmp_path: Path) -> None:
    need("curl")
    assert len(CALLS) >= 14
    line = contract_line(tmp_path, f"embedded:{free_port()}")
    with serving(line, tmp_path / "data") as kit:
        for call in CALLS:
            asked = call.replace("http://127.0.0.1:8000", kit.url).replace(DAY, last_working_day())
            done = subprocess.run(
                ["bash", "-c", asked.replace("curl ", "curl -sS --fail-with-body ", 1)],
                cwd=tmp_path, capture_output=True, text=True, timeout=WITHIN_S, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{asked}\n{done.stdout}{done.stderr}"
        kinds = {entry["entry"] for entry in kit.get("/entries")["entries"]}
        assert {"event", "reason", "correction", "plan"} <= kinds
