"""docs/line.md says what the checks do: its tables are theirs, its examples are right, both languages say the same."""

import re
from pathlib import Path
from typing import get_args

import pytest

from contract.line import MODES, CalendarKind
from contract.line_guide import keys, renewed
from contract.line_keys import line_table
from contract.line_sayings import ONE_ROLE, ROLES
from contract.line_tables import tables_in
from tests.contract.catalogue import CATALOGUE
from tests.contract.good_line import load_text

PAGE = (Path(__file__).parents[2] / "docs" / "line.md").read_text("utf-8")
JAPANESE, ENGLISH = PAGE.split("\n## English\n")


def test_its_tables_are_those_of_the_checks() -> None:
    assert renewed(PAGE) == PAGE, "run: python -m contract.line_guide docs/line.md"


@pytest.mark.parametrize("page", [JAPANESE, ENGLISH], ids=["ja", "en"])
def test_every_key_of_every_table_is_on_the_page(page: str) -> None:
    for header, table in tables_in(line_table(CATALOGUE)):
        assert not header or f"`{header}`" in page
        for key in table.keys:
            if not any(True for _ in tables_in(key.kind)) and key.key not in ("sensors", "outputs"):
                assert f"| `{key.key}` |" in page


@pytest.mark.parametrize("page", [JAPANESE, ENGLISH], ids=["ja", "en"])
def test_every_role_mode_and_calendar_kind_is_on_the_page(page: str) -> None:
    for role in ROLES:
        row = next(line for line in page.split("\n") if line.startswith(f"| `{role}"))
        assert row.endswith(f"| {', '.join(ONE_ROLE[role])} |")
    for word in (*MODES, *get_args(CalendarKind)):
        assert f"`{word}`" in page


@pytest.mark.parametrize("page", [JAPANESE, ENGLISH], ids=["ja", "en"])
def test_its_example_is_right(page: str) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert load_text(example).stations["washer"].stop_after_s == 54.0


def test_both_languages_have_the_same_sections() -> None:
    def sections(page: str) -> list[str]:
        return re.findall(r"^#{3,4}", page, re.MULTILINE)

    assert sections(JAPANESE) == sections(ENGLISH)


def test_defaults_are_printed_as_they_are_written() -> None:
    page = keys("en")
    assert '| `day_starts` | `"00:00"` |' in page
    assert "| `retain_days` | `400` |" in page
    assert "| `regular` | `true` |" in page
    assert "| `schema` | **required** |" in page
