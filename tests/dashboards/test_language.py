"""Japanese first, English by a switch; every word in one file."""

import re

import pytest
from playwright.sync_api import expect

from tests.dashboards.conftest import Visit

pytestmark = pytest.mark.browser
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
FREE_TEXT = "部品洗浄ライン|洗浄機|梱包|昼勤|洗浄手順を変更|日本語"


def test_it_speaks_japanese_until_asked(visit: Visit) -> None:
    page = visit("", None, locale="en-US")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator('[data-station="washer"] [data-figure="state"]')).to_have_text("稼働")


def test_the_switch_turns_every_word_and_is_kept(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="English").click()
    expect(page.locator('[data-station="washer"] [data-figure="state"]')).to_have_text("Running")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    left = re.sub(FREE_TEXT, "", page.locator("body").inner_text())
    assert JAPANESE.findall(left) == []
    page.reload()
    expect(page.locator('[data-station="packer"] [data-figure="state"]')).to_have_text("Short stop")


def test_every_word_is_said_in_both_languages_with_the_same_blanks(visit: Visit) -> None:
    words = visit().evaluate("async () => (await import('/js/words.js')).WORDS")
    assert len(words) > 100
    for key, said in words.items():
        assert set(said) == {"ja", "en"}, key
        assert all(said.values()), key
        blanks = [set(re.findall(r"\{(\w+)\}", text)) for text in said.values()]
        assert blanks[0] == blanks[1], key
        assert "稼働率" not in said["ja"], key
        assert not JAPANESE.search(said["en"]) or key == "other_language", key


def test_nothing_on_the_page_is_called_by_the_name_that_confuses(visit: Visit) -> None:
    assert "稼働率" not in visit().locator("body").inner_text()
