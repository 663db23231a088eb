"""Several papers into one folder, as PDF or as HTML, all of them or none where one is already there."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from contract.errors import NotAllowed, NotThere
from contract.words import Words
from kojo.paper import check_place, put

Browser = Callable[[], str | None]


def put_papers(
    to: Path,
    names: Sequence[str],
    made: Callable[[], Mapping[str, str]],
    *,
    html: bool,
    replace: bool,
    browser: Browser,
) -> None:
    """Write the papers of these names, which ``made`` gives as HTML, and say where each is.

    Raises NotThere without a browser, NotAllowed where a file is there already or the folder cannot be made.
    """
    if not html and browser() is None:
        raise NotThere(
            Words(
                "PDF を作るブラウザー(Chromium、Chrome、Edge)が見つかりません。",
                "No browser that makes a PDF (Chromium, Chrome, Edge) was found.",
            ),
            Words(
                "--html を付けて、できたファイルをブラウザーで開いて印刷してください。",
                "Add --html, open the files in any browser and print them.",
            ),
        )
    _make(to)
    places = {name: to / f"{name}.{'html' if html else 'pdf'}" for name in names}
    for place in places.values():
        check_place(place, replace, browser)
    papers = made()
    for name, place in places.items():
        put(papers[name], place, browser)
        print(Words(f"書きました: {place}", f"written: {place}"), flush=True)


def _make(to: Path) -> None:
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotAllowed(
            Words(f"フォルダー {to} が作れません({error.strerror})。", f"{to} cannot be made ({error.strerror})."),
            Words("書ける場所のフォルダーを指してください。", "Name a folder in a place that can be written."),
        ) from error
