"""``kojo learn --http HOST:PORT``: the lessons as a page for a whole class, and the facilitator's board.

    serve("127.0.0.1:8010", Path("data"), end)

Everything comes from this machine: pages, texts, pictures, the browser's Python. What is kept: DIR/desks (each desk's
files and progress; an earlier class's in DIR/desks-YYYY-MM-DD), DIR/class.code, the board's tokens, and
DIR/lesson-figures.csv, which has no names.
"""

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from contract.errors import KojoError, MissingExtra
from contract.whole_file import write_whole
from contract.words import Words
from curriculum import course
from curriculum.learn import board, kept_desks, python_kit, told
from curriculum.learn.calls import LearnHandler, LearnServer
from curriculum.learn.desk import Desk
from curriculum.learn.desks import Desks
from curriculum.learn.door import LearnDoor
from curriculum.learn.progress import free_name
from curriculum.lesson import LESSONS, Lesson, LessonError, ids, load
from edge.bench_guard import Asker
from edge.bench_site import HEAD_S
from kojo.address import answers, lan_addresses, listen, parse, remember, remembered, url
from kojo.data_directory import DataDirectory
from kojo.ending import Ending
from kojo.enter_key import EnterKey
from kpi.tokens import Tokens

log = logging.getLogger(__name__)

PAGES: Final = Path(__file__).parent / "web"
SHARED: Final = Path(__file__).parent.parent.parent / "dashboards" / "web"
MOST_LAPTOPS: Final = 36
OF_A_BROWSER: Final = 6
"""Connections that a browser opens at a time."""
MOST_CONNECTIONS: Final = 256
MOST_OF_AN_ADDRESS: Final = MOST_LAPTOPS * OF_A_BROWSER
"""A class behind a router or an access point is one address here; the rest is for the board, elsewhere and here."""
ENDS_WITHIN_S: Final = 0.05
FIGURES: Final = "lesson-figures.csv"


class Lessons:
    """What is served (`curriculum.learn.calls.LearnSite`). ``opened``: a listening TCP socket."""

    def __init__(
        self,
        opened: Any,
        data: Path,
        lessons: tuple[Lesson, ...],
        kit: python_kit.Kit,
        pyodide: python_kit.Pyodide | None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.data, self.lessons, self.kit, self.pyodide, self._now_s = data, lessons, kit, pyodide, now_s
        self.tokens = Tokens(data, time.time_ns)
        self.guard = LearnDoor(data, self.tokens)
        self.aside = self._set_aside(data / "desks")
        self.desks = Desks(data / "desks", lessons, now_s)
        self.packed = python_kit.Packed()
        self.head_s = HEAD_S
        self.files = _files(lessons)
        self.python = _python(pyodide)
        self.opened = opened
        self.host, self.port = opened.getsockname()[:2]
        self._server = LearnServer(opened, self, LearnHandler, MOST_CONNECTIONS, MOST_OF_AN_ADDRESS)
        serve = partial(self._server.serve_forever, ENDS_WITHIN_S)
        self._thread = threading.Thread(target=serve, name="lessons", daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; the figures are written."""
        if self._thread.ident is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._write_figures()

    @property
    def connections(self) -> tuple[int, int]:
        """How many at a time, and how many of one address."""
        return self._server.room.most, self._server.room.share

    @property
    def address(self) -> str:
        """What a learner types into the browser."""
        everywhere = self.host in ("0.0.0.0", "::")
        host = next(iter(lan_addresses()), "127.0.0.1") if everywhere else self.host
        return url(host, self.port)

    def board_address(self) -> str:
        """An address that makes a browser the board, once."""
        return f"{self.address}/pair?code={self.tokens.pair_code('viewer')}"

    def told(self, asker: Asker, desk: Desk | None) -> Mapping[str, Any]:
        """The lessons, the desk, the browser's Python."""
        python = None
        if self.pyodide is not None:
            python = {
                "version": self.pyodide.version,
                "at": _python_at(self.pyodide),
                "kit": f"/python/{self.kit.name}",
            }
        return {
            "lessons": [told.in_list(lesson, desk) for lesson in self.lessons],
            "desk": None if desk is None else {"id": desk.id, "label": desk.label, "key": desk.key},
            "code_needed": not self.guard.may_read(asker),
            "free": self.desks.free_label() if self.guard.may_read(asker) else "",
            "python": python,
        }

    def lesson(self, desk: Desk | None, lesson: Lesson) -> Mapping[str, Any]:
        """One lesson, with the desk's file."""
        if desk is None:
            return told.whole(lesson, None, None)
        before = self.desks.set_aside_last(desk, lesson) is not None
        return told.whole(lesson, self.desks.text(desk, lesson), desk.lessons.get(lesson.id), before)

    def board(self) -> Mapping[str, Any]:
        """What the facilitator sees."""
        seen = board.board(self.desks.all(), self.lessons, self._now_s())
        return {**seen, "address": self.address, "code": self.guard.class_code}

    def door_picture(self) -> bytes | None:
        """The learners' address with the class's code, as a QR code; None where the server half is not installed."""
        try:
            from kojo.qr import svg
        except ModuleNotFoundError:
            return None
        return svg(f"{self.address}/?code={self.guard.class_code}")

    def figures(self) -> str:
        """The CSV without names."""
        return board.figures(self.desks.all(), self.lessons)

    def _set_aside(self, desks: Path) -> Mapping[Path, int]:
        """The desks of the last class, and its figures, which this class's would be written over."""
        moved = kept_desks.set_aside(desks, self._now_s())
        figures = self.data / FIGURES
        if moved and figures.is_file():
            try:
                figures.rename(free_name(max(moved) / FIGURES))
            except OSError as error:
                log.error("%s", Words(f"{figures} を移せません: {error}", f"{figures} cannot be moved: {error}"))
        return moved

    def _write_figures(self) -> None:
        if not self.desks.all():
            return
        try:
            write_whole(self.data / FIGURES, self.figures())
        except OSError as error:
            log.error("%s", Words(f"{FIGURES} を書けません: {error}", f"{FIGURES} cannot be written: {error}"))


def open_lessons(
    address: str,
    data: Path,
    lessons: Path = LESSONS,
    pyodide: python_kit.Pyodide | None = None,
    now_s: Callable[[], float] = time.time,
) -> Lessons:
    """The page, ready to start, at ``HOST:PORT`` (port 0: any free one).

    A lesson with mistakes is left out, and they are logged: the others go on. Raises what `kojo.address.listen` does,
    MissingExtra where gpiozero is missing.
    """
    try:
        kit = python_kit.pack(lessons)
    except ModuleNotFoundError as missing:
        raise MissingExtra(missing.name or "gpiozero", "edge") from missing
    return Lessons(listen(address), data, _whole(lessons), kit, pyodide, now_s)


def _whole(lessons: Path) -> tuple[Lesson, ...]:
    found = []
    for id in ids(lessons):
        try:
            found.append(load(lessons / id))
        except LessonError as error:
            log.error("%s", error)
    return _in_order(found)


def _in_order(lessons: list[Lesson]) -> tuple[Lesson, ...]:
    """Those of course A's day first, in its order, as in the terminal (`kojo.learn.in_order`)."""
    try:
        blocks = course.load(course.COURSES / "a").forms[0].blocks
    except (OSError, KojoError) as error:
        log.error("%s", error)
        return tuple(lessons)
    day = [block.lesson for block in blocks if block.lesson]
    place = {id: number for number, id in enumerate(day)}
    return tuple(sorted(lessons, key=lambda lesson: place.get(lesson.id, len(place))))


def serve(address: str, data: Path, end: Ending, lessons: Path = LESSONS) -> int:
    """Serve until the end is asked for; prints ``ready http://…`` on stdout once it answers."""
    with DataDirectory(data, "learn") as directory, contextlib.ExitStack() as until_the_end:
        pyodide = python_kit.find_pyodide((directory.path / "pyodide", *python_kit.PLACES))
        page = open_lessons(address, directory.path, lessons, pyodide)
        page.start()
        until_the_end.callback(page.stop)
        _remember(directory.path, page)
        _tell(page)
        print(f"ready {url(page.host, page.port)}", flush=True)  # noqa: T201 - for whoever started it
        if sys.stdin.isatty():
            enter = EnterKey(sys.stdin.fileno(), lambda: _say(Words(*[f"  {page.board_address()}"] * 2)))
            enter.start()
            until_the_end.callback(enter.stop)
        while not end.wait(0.5):
            pass
        log.info("%s", Words("終わります。", "ending."))
    return 0


def _remember(data: Path, page: Lessons) -> None:
    """For `kojo pair`, unless a line is served from the same folder: its address stays."""
    known = remembered(data)
    if known is None or not answers(*parse(known)):
        remember(data, page.opened)


def _tell(page: Lessons) -> None:
    code = page.guard.class_code
    _say(Words(f"\n  課題のページ              {page.address}", f"\n  the lessons               {page.address}"))
    _say(Words(f"  合言葉(みんな同じ)        {code}", f"  the class's code          {code}"))
    _say(
        Words(
            f"  講師のボード(1回だけ有効)  {page.board_address()}\n",
            f"  the board (good once)     {page.board_address()}\n",
        )
    )
    if sys.stdin.isatty():
        _say(Words("  Enter でボードの新しい番地を出します。", "  Enter gives a new address of the board."))
    for place, desks in page.aside.items():
        _say(
            Words(
                f"  前のクラスの席 {desks} 個を {place} に移しました(消していません)。",
                f"  {desks} desks of an earlier class are in {place} now (nothing is lost).",
            )
        )
    if page.pyodide is None:
        _say(
            Words(
                "  ブラウザーの中の Python がありません。"
                "ネットワークのある所で、一度「make learn」を実行してください(npm が要ります)。\n"
                "  それまでは、ページで読み書きはできますが、答え合わせは端末の「kojo learn」で行います。",
                "  The browser's Python is missing. Run `make learn` once where there is a network (it needs npm)."
                "\n  Until then the page shows and keeps the lessons; the check runs in a terminal, with `kojo learn`.",
            )
        )


def _say(words: Words) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it


def _files(lessons: tuple[Lesson, ...]) -> dict[str, Path]:
    """What is served as it lies there, by its address, and nothing beside it."""
    found = {f"/learn/{file.name}": file for file in PAGES.iterdir() if file.suffix in (".js", ".css")}
    found |= {
        f"/{file.relative_to(SHARED).as_posix()}": file for file in (*SHARED.glob("css/*.css"), *SHARED.glob("js/*.js"))
    }
    found |= {"/icon.svg": SHARED / "icon.svg", "/": PAGES / "learn.html", "/board": PAGES / "board.html"}
    pictures = {f"/lessons/{lesson.id}/wiring.svg": lesson.folder / "wiring.svg" for lesson in lessons}
    return found | {address: file for address, file in pictures.items() if file.is_file()}


def _python_at(pyodide: python_kit.Pyodide) -> str:
    return f"/python/{pyodide.version}/"


def _python(pyodide: python_kit.Pyodide | None) -> dict[str, Path]:
    if pyodide is None:
        return {}
    return {f"{_python_at(pyodide)}{name}": pyodide.folder / name for name in python_kit.PYODIDE_FILES}
