"""The one file of words holds what the pages say, and nothing else."""

import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "dashboards" / "web"
KEYS = re.findall(r"^  (\w+): \{", (WEB / "js" / "words.js").read_text(), re.MULTILINE)
BY_NAME = ("basis_", "phase_", "formula_", "quarantine_")  # asked for by a name that the server gives
SAYING = "\n".join(
    file.read_text() for file in [WEB / "index.html", *(WEB / "js").glob("*.js")] if file.name != "words.js"
)


def test_no_word_stands_twice() -> None:
    assert len(KEYS) > 100
    assert len(KEYS) == len(set(KEYS))


def test_every_word_is_said_somewhere() -> None:
    unsaid = [key for key in KEYS if not key.startswith(BY_NAME) and not re.search(rf"[\"`]{key}[\"`]", SAYING)]
    assert unsaid == []
