"""Sheets in a real browser: one or two pages of A4, nothing cut off, letters and lines large enough for a pen."""

import re
from pathlib import Path

import pytest

from curriculum.sheets.effect import Beside, effect
from curriculum.sheets.filled import read
from curriculum.sheets.form import EXAMPLES, Form, form, forms
from curriculum.sheets.money import money
from curriculum.sheets.money_page import board
from curriculum.sheets.printed import page, pages
from kojo.cli import main
from kpi.report.asking import evaluation_answers
from kpi.report.markup import Html
from tests.browser import chromium
from tests.kpi.reports import asker
from tests.kpi.test_report_evaluation import ASKED, crowded, faster

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CUT_OFF = """[...document.querySelectorAll('main, td, th, .field, header, footer')]
  .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText.slice(0, 30))"""
SMALL = """[...document.querySelectorAll('.name, .value, .choice, td, th, li, .note, h2, .legend, .tick')]
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 14.6).map(e => e.innerText.slice(0, 30))"""
LOW = """[...document.querySelectorAll('.write, .rule, .sign, tbody tr, .tick')]
  .filter(e => e.getBoundingClientRect().height < 30).map(e => e.innerText.slice(0, 30))"""
GREY = """[...document.querySelectorAll('main *')]
  .filter(e => getComputedStyle(e).color !== 'rgb(0, 0, 0)').map(e => e.innerText.slice(0, 30))"""
"""30 CSS pixels are 8 mm; 14.6 are 11 pt."""


TWO_PAGES = {"S8", "S11", "S12", "S14", "S15", "S20"}


def many_pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def expected(of: Form) -> int:
    return 2 if of.id in TWO_PAGES else 1


def printed(sheets: list[Html]) -> tuple[int, list[str]]:
    """How many pages the sheets make, one document, and what is wrong with them."""
    with chromium() as browser:
        view = browser.new_page(viewport={"width": 1123, "height": 1123})
        view.set_content(pages(sheets))
        scripts = (("cut off", CUT_OFF), ("small", SMALL), ("low", LOW), ("grey", GREY))
        wrong = [f"{name}: {what}" for name, script in scripts for what in view.evaluate(script)]
        many = many_pages(view.pdf(prefer_css_page_size=True))
        view.close()
    return many, wrong


def test_every_sheet_is_one_or_two_pages_to_write_on() -> None:
    all_of_them = list(forms().values())
    many, wrong = printed([page(of) for of in all_of_them])
    assert not wrong
    assert many == sum(map(expected, all_of_them))


def test_filled_examples_and_the_fullest_effect_report_stay_on_their_pages(tmp_path: Path) -> None:
    line, told = evaluation_answers(asker(faster(tmp_path)), ASKED)
    fullest = effect(line, crowded(told), Beside(None, 1_234_567, 123_456))
    filled = [read(path) for path in sorted(EXAMPLES.glob("s*"))]
    many, wrong = printed([page(form("S14"), fullest), *(page(one.form, one.written) for one in filled)])
    assert not wrong
    assert many == 2 + sum(expected(one.form) for one in filled)


def test_the_money_page_fits_a_wall_and_a_phone() -> None:
    html = board(money(read(EXAMPLES / "s16.csv")))
    with chromium() as browser:
        for wide, high in ((1920, 1080), (390, 844)):
            view = browser.new_page(viewport={"width": wide, "height": high})
            view.set_content(html)
            assert view.evaluate("document.documentElement.scrollWidth") <= wide
            view.close()


def test_the_command_prints_several_sheets_as_one_pdf(tmp_path: Path) -> None:
    with chromium():
        pass  # skipped where there is none
    to = tmp_path / "sheets.pdf"
    assert main(["sheet", "print", "S2", "S6", "--to", str(to)]) == 0
    pdf = to.read_bytes()
    assert many_pages(pdf) == 2
    boxes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([0-9. ]+)\]", pdf)}
    assert {box[2] > box[3] for box in boxes} == {True, False}
