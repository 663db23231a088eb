"""The bench in the browser: a small HTTP server of the standard library, for whoever has no Pi at hand.

    page = BenchPage(listening_socket, [table], guard, Path("dashboards/web"))
    page.start()

    GET  /                      the page (dashboards/web/bench.html)
    GET  /pair?code=…           a code that is good once becomes the operator's cookie
    GET  /api/v1/bench          what stands on each bench, and how it is
    GET  /api/v1/bench/live     server-sent events: what changes
    POST /api/v1/bench/do       {"agent": "pi-1", "device": "washer/done", "do": "press"} (`edge.bench_table`)

Who may look and who may touch is the guard's to say. Connections, listeners and bodies are bounded (`edge.bench_site`).
"""

import socket
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from contract.errors import KojoError
from contract.words import Words
from edge.bench import ShortCircuit
from edge.bench_guard import Guard, Refusal
from edge.bench_http import Handler, Server
from edge.bench_site import HEAD_S
from edge.bench_table import NotDone, Table

MOST_LISTENERS: Final = 8
ENDS_WITHIN_S: Final = 0.05
FRESH_S: Final = 0.05
"""Listeners that look within so long are shown the same."""


class BenchPage:
    """The page of the benches of one process. ``opened`` is a listening TCP socket, ``pages`` the folder of its files.

    ``about`` is told to the page with the rest: the line's name, whether a virtual floor moves the benches. ``head_s``:
    in so long a request's head is here.
    """

    def __init__(
        self,
        opened: socket.socket,
        tables: Sequence[Table],
        guard: Guard,
        pages: Path,
        about: Mapping[str, Any] | None = None,
        head_s: float = HEAD_S,
    ) -> None:
        self.guard, self.head_s = guard, head_s
        self.tables = {table.agent: table for table in tables}
        self.about = dict(about or {})
        self.ending = threading.Event()
        self.listeners = threading.BoundedSemaphore(MOST_LISTENERS)
        self.files = _files(pages)
        self.host, self.port = opened.getsockname()[:2]
        self._server = Server(opened, self, Handler)
        serve = partial(self._server.serve_forever, ENDS_WITHIN_S)
        self._thread = threading.Thread(target=serve, name="bench page", daemon=True)
        self._lock = threading.Lock()
        self._state: dict[str, Any] = {}
        self._looked_s = -FRESH_S

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; live feeds end."""
        self.ending.set()
        if self._thread.ident is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def told(self, role: str) -> dict[str, Any]:
        """What stands on each bench, and how it is, for whoever looks with that role."""
        plans = [table.plan() for table in self.tables.values()]
        return {"role": role, **self.about, "tables": plans, "state": self.state()}

    def state(self) -> dict[str, Any]:
        """The state of every table, by its agent."""
        with self._lock:
            if time.monotonic() - self._looked_s >= FRESH_S:
                self._state = {agent: table.state() for agent, table in self.tables.items()}
                self._looked_s = time.monotonic()
            return self._state

    def news(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
        """What of each agent's pins, devices and readings is otherwise than before."""
        found: dict[str, Any] = {}
        for agent, state in now.items():
            then = before.get(agent, {})
            parts = {
                part: {key: value for key, value in held.items() if then.get(part, {}).get(key) != value}
                for part, held in state.items()
            }
            if any(parts.values()):
                found[agent] = {part: held for part, held in parts.items() if held}
        return found

    def do(self, asked: Mapping[str, Any]) -> None:
        """Do what a person asks. Raises Refusal."""
        table = self.tables.get(str(asked.get("agent", next(iter(self.tables), ""))))
        if table is None:
            raise Refusal(404, "unknown", Words("そのエージェントはここにいません。", "There is no such agent here."))
        try:
            table.do(asked)
        except NotDone as error:
            raise Refusal(422, "not-done", error.what, error.hint) from error
        except ShortCircuit as error:
            what = Words("出力のピンは外から動かせません。", "An output is not driven from outside.")
            raise Refusal(409, "short-circuit", what) from error
        except OSError as error:
            what = error.what if isinstance(error, KojoError) else Words(str(error), str(error))
            raise Refusal(409, "not-done", what) from error
        with self._lock:
            self._looked_s = -FRESH_S


def _files(pages: Path) -> dict[str, Path]:
    """What is served, by its address: this page's own files and those they stand on, and nothing beside them."""
    found = [*pages.glob("bench.html"), *pages.glob("icon.svg"), *pages.glob("css/*.css"), *pages.glob("js/*.js")]
    files = {f"/{file.relative_to(pages).as_posix()}": file for file in found}
    if "/bench.html" in files:
        files["/"] = files["/bench.html"]
    return files
