"""What the page of the lessons may ask of the server. No code of a learner runs here: the browser judges, this keeps.

GET  /                               the page; /board the facilitator's
GET  /pair?code=…                    a code that is good once becomes the board's cookie (`kojo pair --role viewer`)
GET  /api/v1/learn                   the lessons, this desk, what the browser needs to run Python
GET  /api/v1/learn/lesson?id=A2      one lesson and this desk's file
GET  /api/v1/learn/file?id=A2        that file alone
POST /api/v1/learn/join              {"label": "3", "code": "…", "again": false, "key": "4821"}: a desk and its cookie
POST /api/v1/learn/do                {"do": "save", "lesson": "A2", …}: save, tried, hint, quiz, show, aside, before
GET  /api/v1/learn/board             the board (viewer's token)
GET  /api/v1/learn/figures.csv       minutes and hints, without names (viewer's token)
GET  /python/<version>/…             Pyodide, and the zip of our own modules
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qs, urlsplit

from contract.words import Words
from curriculum.learn import told
from curriculum.learn.desk import Desk
from curriculum.learn.desks import Desks
from curriculum.learn.door import LearnDoor
from curriculum.learn.python_kit import Kit, Packed
from curriculum.learn.two_laptops import WHATEVER, version
from curriculum.lesson import Lesson
from edge.bench_guard import Asker, Refusal
from edge.bench_site import HEADERS, KINDS, Site, SiteHandler, SiteServer

API = "/api/v1/learn"
FOR_LONG = {"Cache-Control": "public, max-age=31536000, immutable"}
WORTH_PACKING = (".wasm", ".mjs")
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class LearnSite(Site, Protocol):
    """What is served (`curriculum.learn.served.Lessons`)."""

    desks: Desks
    kit: Kit
    packed: Packed
    python: dict[str, Path]

    @property
    def guard(self) -> LearnDoor:
        """Who may look, take a desk, write at it."""

    def told(self, asker: Asker, desk: Desk | None) -> Mapping[str, Any]:
        """The lessons, the desk, the browser's Python."""

    def lesson(self, desk: Desk | None, lesson: Lesson) -> Mapping[str, Any]:
        """One lesson, with the desk's file."""

    def board(self) -> Mapping[str, Any]:
        """What the facilitator sees."""

    def door_picture(self) -> bytes | None:
        """The learners' address as a QR code, if one can be drawn here."""

    def figures(self) -> str:
        """The CSV without names."""


class LearnServer(SiteServer):
    """The server of the lessons."""

    page: LearnSite


class LearnHandler(SiteHandler):
    """One caller."""

    server: LearnServer
    kinds: ClassVar[Mapping[str, str]] = {
        **KINDS,
        ".mjs": "text/javascript; charset=utf-8",
        ".wasm": "application/wasm",
        ".json": "application/json",
        ".zip": "application/zip",
    }
    headers_said: ClassVar[tuple[tuple[str, str], ...]] = (
        *(header for header in HEADERS if header[0] != "Content-Security-Policy"),
        ("Content-Security-Policy", POLICY),
    )
    most_body: ClassVar[int] = 256 * 1024
    joined_at: ClassVar[str] = "/board"

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        self.close_connection |= "content-length" in self.headers or "transfer-encoding" in self.headers
        self._answer(
            {
                API: self._told,
                f"{API}/lesson": self._lesson,
                f"{API}/file": self._file,
                f"{API}/board": self._board,
                f"{API}/door.svg": self._door_picture,
                f"{API}/figures.csv": self._figures,
                f"/python/{self.server.page.kit.name}": self._kit,
                "/pair": self._pair,
                **dict.fromkeys(self.server.page.python, self._python),
            }
        )

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        self.close_connection = True  # what is refused may have left its body unread
        self._answer({f"{API}/join": self._join, f"{API}/do": self._do})

    # ---- a learner's calls ----

    def _told(self) -> None:
        asker = self._visitor()
        self._say_json(self.server.page.told(asker, self._desk(asker)))

    def _lesson(self) -> None:
        asker = self._visitor()
        page = self.server.page
        self._say_json(page.lesson(self._desk(asker), page.desks.lesson(self._asked("id"))))

    def _file(self) -> None:
        """Only what a desk has written: asked again and again, for a pair's other laptop."""
        desk, desks = self._desk(self._visitor()), self.server.page.desks
        text = desks.text(desk, desks.lesson(self._asked("id"))) if desk else None
        self._say_json({"text": text, "version": version(text)})

    def _join(self) -> None:
        asker, page = self._asker(), self.server.page
        body = self._body(asker)
        page.guard.enter(asker, body.get("code"))
        peer = None if page.guard.may_read(asker) else asker.peer
        desk = page.desks.join(
            body.get("label"),
            body.get("again") is True,
            peer,
            lambda found: page.guard.go_on(asker, found, body.get("key")),
        )
        self._say_json({"label": desk.label}, {"Set-Cookie": page.guard.cookie(desk.id)})

    def _do(self) -> None:
        asker, page = self._asker(), self.server.page
        id = page.guard.writer_at(asker)
        desk = page.desks.find(id)
        if desk is None:  # its folder was taken away
            raise Refusal(401, "no-desk", Words("席が見つかりません。", "The desk is gone."))
        body = self._body(asker)
        lesson = page.desks.lesson(body.get("lesson"))
        self._say_json(self._done(desk, lesson, body))

    def _done(self, desk: Desk, lesson: Lesson, body: Mapping[str, Any]) -> Mapping[str, Any]:
        desks = self.server.page.desks
        does: dict[str, Callable[[], object]] = {
            "open": lambda: desks.opened(desk, lesson),
            "tried": lambda: desks.tried(desk, lesson, body.get("green") is True, _text(body, "hint")),
            "hint": lambda: desks.hinted(desk, lesson, _text(body, "hint") or "", _number(body, "step")),
            "quiz": lambda: desks.quizzed(desk, lesson, body.get("when"), _number(body, "right")),
        }
        asked = body.get("do")
        if asked == "save":
            saved = desks.save(desk, lesson, body.get("text"), body.get("had", WHATEVER), body.get("by"))
            return {"done": True} | (asdict(saved) if "had" in body else {})
        if asked == "show":
            return {"solution": told.in_languages(desks.show(desk, lesson))}
        if asked == "aside":
            return {"kept": desks.set_aside(desk, lesson, body.get("text"))}
        if asked == "before":
            return {"text": desks.set_aside_last(desk, lesson)}
        act = does.get(asked) if isinstance(asked, str) else None
        if act is None:
            raise Refusal(422, "bad-do", Words("それはできません。", "That cannot be done."))
        act()
        return {"done": True}

    # ---- the facilitator's ----

    def _board(self) -> None:
        self.server.page.guard.reader(self._asker())
        self._say_json(self.server.page.board())

    def _door_picture(self) -> None:
        self.server.page.guard.reader(self._asker())
        picture = self.server.page.door_picture()
        if picture is None:
            raise Refusal(404, "no-picture", Words("QR コードは描けません。", "No QR code can be drawn here."))
        self._say(200, self.kinds[".svg"], picture)

    def _figures(self) -> None:
        self.server.page.guard.reader(self._asker())
        named = {"Content-Disposition": 'attachment; filename="kojo-learn.csv"'}
        self._say(200, "text/csv; charset=utf-8", self.server.page.figures().encode(), named)

    # ---- what the browser runs ----

    def _kit(self) -> None:
        self._visitor()
        self._say(200, self.kinds[".zip"], self.server.page.kit.content, FOR_LONG)

    def _python(self) -> None:
        asker = self._visitor()
        file = self.server.page.python[self._path()]
        accepts = asker.headers.get("accept-encoding", "")
        if file.suffix in WORTH_PACKING and "gzip" in accepts:
            more = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding", **FOR_LONG}
            self._say(200, self.kinds[file.suffix], self.server.page.packed(file), more)
        else:
            self._say(200, self.kinds[file.suffix], file.read_bytes(), FOR_LONG)

    # ---- who asks, and what ----

    def _visitor(self) -> Asker:
        asker = self._asker()
        self.server.page.guard.visitor(asker)
        return asker

    def _desk(self, asker: Asker) -> Desk | None:
        id = self.server.page.guard.desk_of(asker)
        return self.server.page.desks.find(id) if id else None

    def _asked(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query, max_num_fields=8).get(name, [""])[0]


def _text(body: Mapping[str, Any], name: str) -> str | None:
    found = body.get(name)
    return found if isinstance(found, str) else None


def _number(body: Mapping[str, Any], name: str) -> int:
    found = body.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else -1
