"""Each reason for which a message is refused has a name and a remedy of its own."""

import re
from pathlib import Path

import pytest

from contract.quarantine_words import can_be_judged_again, hint, named, remedy

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(
    (ROOT / file).read_text("utf-8")
    for file in ("contract/payload.py", "collector/judge.py", "collector/batches.py", "collector/singles.py")
)
REASONS = sorted(set(re.findall(r"(?:PayloadError|_refuse)\(\s*\"(\w+)\"", SOURCES)) - {"acks"})


@pytest.mark.parametrize("reason", [*REASONS, "level", "not_a_total", "total_fell", "store_refused", "not_judged"])
def test_every_reason_has_a_name(reason: str) -> None:
    assert not named(reason).ja.startswith("信じられない")


def test_what_is_json_is_not_told_to_be_made_json() -> None:
    assert len(REASONS) > 12
    for reason in (*REASONS, "level"):
        assert ("JSON" in hint(reason).ja) == (reason in ("not_json", "no_value")), reason


def test_without_a_near_name_the_general_advice_is_given() -> None:
    assert remedy("kojo/v1/akita/wash/xxxxxxxx/done/count", "unknown_station", None) == hint("unknown_station")


def test_what_is_malformed_is_never_taken_in_and_what_the_line_lacks_may_be() -> None:
    assert [reason for reason in REASONS if can_be_judged_again(reason)] == [
        "ahead", "unknown_measure", "unknown_sensor", "unknown_station", "wrong_kind",
    ]  # fmt: skip
