"""``kojo serve``: collector, KPI service and pages in one process."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn
from uvicorn.config import Config

from contract.words import Words
from kojo import local_door
from kojo.address import listen, remember, url
from kojo.connections import Connection
from kojo.data_directory import DataDirectory
from kojo.ending import Ending
from kojo.past_floor import past_floor
from kojo.wire import Server

log = logging.getLogger(__name__)

MOST_FILES = 8192


def serve(line_file: Path, data: Path, http: str, end: Ending) -> int:
    """Serve until the end is asked for; prints ``ready http://…`` on stdout once HTTP answers."""
    _allow_many_files()
    with DataDirectory(data, "serve") as directory, listen(http) as opened:
        _say_how_it_ended(directory.path)
        server = Server(line_file, directory, past_floor(directory.path))
        remember(directory.path, opened)
        server.start()
        try:
            run_pages(server, opened, lambda url: print(f"ready {url}", flush=True), end)
        finally:
            server.stop()
    return 0


def _say_how_it_ended(data: Path) -> None:
    """The door is taken away at a clean end only (`kojo.doctor_serve`)."""
    if (data / local_door.NAME).exists():
        log.warning(
            "%s",
            Words(
                "前回は正しく終わっていません(強制終了か停電)。保存ファイルと途中の記録を確かめて続けます。",
                "The last run did not end in order: it was killed, or the power went. The store and its journal are "
                "looked through, and it goes on.",
            ),
        )


def _allow_many_files() -> None:
    """As many file handles as the machine lets us have, up to ``MOST_FILES``: each connection is one."""
    try:
        import resource
    except ImportError:  # no POSIX machine
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Pages(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: Config, say_goodbye: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_goodbye = say_goodbye
        self.answering = threading.Event()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let live streams end first: a page that is open would hold the server up, and be cut off."""
        self._say_goodbye()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self.answering.set()


def run_pages(server: Server, opened: socket.socket, ready: Callable[[str], None], end: Ending) -> None:
    """Answer HTTP on an open socket until the end is asked for."""
    config = Config(
        server.app,
        log_level="error",  # what strangers send is not worth a line each
        lifespan="off",
        http=Connection,
        ws="none",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    pages = _Pages(config, server.app.say_goodbye)
    thread = threading.Thread(target=lambda: asyncio.run(pages.serve(sockets=[opened])), name="pages", daemon=True)
    thread.start()
    while not pages.answering.wait(0.05) and thread.is_alive():
        pass
    ready(url_of(opened))
    while not end.wait(0.5) and thread.is_alive():
        pass
    log.info("%s", Words("終わります。", "ending."))
    pages.should_exit = True
    thread.join(timeout=5)


def url_of(opened: socket.socket) -> str:
    """What to type into a browser for a listening socket."""
    host, port = opened.getsockname()[:2]
    return url(host, port)
