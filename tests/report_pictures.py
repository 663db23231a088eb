"""Pictures of the A4 pages of `kojo report`, from a demo: `make pictures` takes them after the screens."""

from datetime import date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser

from kojo.report import Page, evaluation, month, shift
from kojo.report_ask import over_http
from tests.browser import chromium

A4 = {"width": 794, "height": 1123}
"""Of CSS pixels."""


def pages(improved: date, today: date) -> dict[str, Page]:
    """What is printed of a demo whose washer was improved on a day."""
    day = timedelta(days=1)
    asked = {
        "station": "washer", "kpi": "phases.wash", "before": f"{improved - 10 * day}/{improved - day}",
        "after": f"{improved}/{today - day}",
    }  # fmt: skip
    return {
        "report-shift-ja": shift("washer", f"{today - day}", "昼勤"),
        "report-month-ja": month(f"{today:%Y-%m}", None),
        "report-evaluation-ja": evaluation(asked),
    }


def take(url: str, out: Path) -> None:
    """Print the pages of a running demo into pictures."""
    ask = over_http(url, out)
    improved = datetime.fromisoformat(ask("/demo", {})["improved_at"])
    today = datetime.now(improved.tzinfo).date()
    with chromium() as browser:
        for name, page in pages(improved.date(), today).items():
            _picture(browser, page(ask), out / f"{name}.png")


def _picture(browser: Browser, html: str, to: Path) -> None:
    sheet = browser.new_page(viewport=A4)  # type: ignore[arg-type]
    sheet.set_content(html)
    sheet.locator("main").screenshot(path=to)
    sheet.close()
