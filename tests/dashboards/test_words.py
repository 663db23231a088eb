"""The files of words hold what the pages say, and nothing else."""

import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "dashboards" / "web"
WORDS = sorted((WEB / "js").glob("words*.js"))
KEYS = [key for file in WORDS for key in re.findall(r"^  (\w+): \{", file.read_text(), re.MULTILINE)]
BY_NAME = (
    "basis_",
    "phase_",
    "formula_",
    "quarantine_",
    "alarm_",
    "title_",
    "mode_",
    "state_",
    "signal_",
    "enter_",
    "bench_is_",
    "bench_doing_",
    "bench_colour_",
)  # asked for by a name that the server gives
CHOSEN = (
    "view_",
    "figure_",
    "unit_",
    "verdict_",
    "span_",
    "loss_",
    "per_",
    "chart_",
    "by_",
    "means_",
    "every_",
    "within_",
)
OF_A_SHIFT_OR_DAY = ("output_", "capacity_now_")
SAYING = "\n".join(file.read_text() for file in [*WEB.glob("*.html"), *(WEB / "js").glob("*.js")] if file not in WORDS)


def test_no_word_stands_twice() -> None:
    assert len(KEYS) > 100
    assert len(KEYS) == len(set(KEYS))


def test_every_word_is_said_somewhere() -> None:
    unsaid = [
        key
        for key in KEYS
        if not key.startswith((*BY_NAME, *CHOSEN, *OF_A_SHIFT_OR_DAY)) and not re.search(rf"[\"`]{key}[\"`]", SAYING)
    ]
    assert unsaid == []
