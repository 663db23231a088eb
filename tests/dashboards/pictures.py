"""The pictures of the pages in docs/pictures: `python -m tests.dashboards.pictures [--url URL] [--out FOLDER]`.

Without ``--url`` they show the scripted line of these tests, with it a running demo; the analysis pages need one.
Its mark 「仮想データ」 is on all.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import chromium
from tests.dashboards.fake_service import FakeService

OUT = Path(__file__).parents[2] / "docs" / "pictures"
READY = {
    "all": "body[data-connection=live] #compare-chart canvas",
    "wall": "body[data-connection=live] .station",
    "board": "body[data-connection=live] .hours",
    "evaluation": ".chart[data-chart=evaluation] canvas",
}
READY_MS = 60_000


@dataclass(frozen=True)
class Picture:
    """One picture: which language, how large a screen, which view."""

    name: str
    lang: str
    width: int
    height: int
    view: str = "all"
    full_page: bool = False
    dark: bool = False
    page: str = ""


PICTURES = (
    Picture("wall-ja", "ja", 1920, 1080),
    Picture("wall-en", "en", 1920, 1080),
    Picture("ten-metres-ja", "ja", 1920, 1080, view="wall"),
    Picture("phone-ja", "ja", 390, 844, full_page=True),
)
OF_A_DEMO = (
    Picture("analysis-ja", "ja", 1366, 1100, view="evaluation", page="analysis.html"),
    Picture("board-ja", "ja", 1920, 1080, view="board", page="board.html"),
)


def take(browser: Browser, url: str, picture: Picture, out: Path) -> Path:
    """Open the page as the picture asks, wait until it is live, and keep what is seen."""
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
    )
    page.goto(f"{url}{picture.page}?lang={picture.lang}&view={picture.view}#{picture.view}")
    page.locator(READY[picture.view]).first.wait_for(state="attached", timeout=READY_MS)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    path = out / f"{picture.name}.png"
    page.screenshot(path=path, full_page=picture.full_page)
    page.close()
    return path


def main(arguments: list[str] | None = None) -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(prog="tests.dashboards.pictures", description=__doc__)
    parser.add_argument("--url", help="a running demo, such as http://127.0.0.1:8000/")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, FakeService() as fake:
        for picture in (*PICTURES, *(OF_A_DEMO if asked.url else ())):
            path = take(browser, asked.url or fake.url, picture, asked.out)
            sys.stdout.write(f"{path} ({path.stat().st_size // 1024} KB)\n")


if __name__ == "__main__":
    main()
