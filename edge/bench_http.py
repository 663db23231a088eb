"""What the bench's page answers (`edge.bench_page`): what stands on the bench, live, and a hand that does something."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Final, Protocol

from contract.words import Words
from edge.bench_guard import Refusal
from edge.bench_site import Site, SiteHandler, SiteServer, as_json

ROUND_S: Final = 0.1
BEAT_S: Final = 5.0


class Page(Site, Protocol):
    """What is served (`edge.bench_page.BenchPage`)."""

    ending: threading.Event
    listeners: threading.BoundedSemaphore

    def told(self, role: str) -> Mapping[str, Any]:
        """All there is to know."""

    def state(self) -> Mapping[str, Any]:
        """What changes."""

    def news(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> Mapping[str, Any]:
        """What of it has changed."""

    def do(self, asked: Mapping[str, Any]) -> None:
        """Do what a person asks. Raises Refusal."""


class Server(SiteServer):
    """The server of a bench's page."""

    page: Page


class Handler(SiteHandler):
    server: Server

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        self.close_connection |= "content-length" in self.headers or "transfer-encoding" in self.headers
        self._answer({"/api/v1/bench": self._told, "/api/v1/bench/live": self._live, "/pair": self._pair})

    def do_HEAD(self) -> None:  # noqa: N802 - the library's name
        self._answer({"/api/v1/bench": self._told})

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        self.close_connection = True  # what is refused may have left its body unread
        self._answer({"/api/v1/bench/do": self._do})

    # ---- the calls ----

    def _told(self) -> None:
        page = self.server.page
        self._say_json(page.told(page.guard.reader(self._asker())))

    def _do(self) -> None:
        asker = self._asker()
        self.server.page.guard.writer(asker)
        self.server.page.do(self._body(asker))
        self._say_json({"done": True})

    def _live(self) -> None:
        page = self.server.page
        page.guard.reader(self._asker())
        if not page.listeners.acquire(blocking=False):
            what = Words("見ている画面が多すぎます。", "Too many screens are looking.")
            raise Refusal(503, "too-many-listeners", what, after_s=5)
        try:
            self._feed(page)
        finally:
            page.listeners.release()

    def _feed(self, page: Page) -> None:
        self.close_connection = True
        self._head(200, "text/event-stream; charset=utf-8", {"Connection": "close"})
        shown: Mapping[str, Any] = {}
        said_s = time.monotonic()
        while not page.ending.is_set():
            now = page.state()
            if news := page.news(shown, now):
                self._event("state", news)
                shown, said_s = now, time.monotonic()
            elif time.monotonic() - said_s > BEAT_S:
                self._event("beat", {})
                said_s = time.monotonic()
            page.ending.wait(ROUND_S)

    def _event(self, name: str, body: Any) -> None:
        self.wfile.write(f"event: {name}\ndata: {as_json(body)}\n\n".encode())
        self.wfile.flush()
