"""The real service on a real port for the pages where people act: a shift of a Monday, its store in memory.

    with Acting(directory) as acting:
        acting.url("station.html?station=washer")

Pieces every 20 s from 8:30 on; the washer stood from 9:00 to 9:03 and stands since 9:20; now it is 9:30.
"""

import asyncio
import json
import socket
import threading
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from contract.line import Plan, Reason
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, REASON, SCRAP, at, line, shift, station
from tests.kpi.test_ledger import every

PAGES = Path(__file__).parents[2] / "dashboards" / "web"
LONGEST_S = 30.0
NAMES = ("材料待ち", "故障", "詰まり", "段取り", "品質確認", "後工程つかえ", "停電")
REASONS = {f"r{at}": Reason(f"r{at}", name, "minor") for at, name in enumerate(NAMES, 1)}
NO_ORDER = {"no-order": Reason("no-order", "計画達成(注文なし)", planned=True)}


def monday(directory: Path, plan: int = 200, **more: Any) -> Service:
    """The service at 9:30; ``more`` are settings of the station."""
    of = line(
        station(CYCLE, SCRAP, REASON, stop_after_s=60.0, **more),
        shift("08:30-17:15", "12:00-13:00"),
        reasons=REASONS | NO_ORDER,
        plan=(Plan("washer", "日勤", plan),),
    )
    told = Service(of, directory, at("9:30"), pages=PAGES, live=True)
    made = every(20, at("8:30"), at("9:00")) + every(20, at("9:03"), at("9:20"))
    told.store.put("washer/done/count", [(t, n) for n, t in enumerate(made, 1)])
    return told


class Acting:
    """A service that listens; ended with the block."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(service.app, log_level="error", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve(sockets=[self._socket])))

    def __enter__(self) -> "Acting":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(LONGEST_S)
        self._socket.close()
        assert not self._thread.is_alive()

    def url(self, page: str = "") -> str:
        """The address of a page."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/{page}"

    def get(self, path: str, **parameters: str) -> Any:
        """What the service answers on this machine."""
        return self._ask(urllib.request.Request(self.url(f"api/v1{path}?{urllib.parse.urlencode(parameters)}")))

    def write(self, path: str, body: object) -> Any:
        """What an operator enters elsewhere."""
        headers = {
            "Authorization": f"Bearer {self.service.tokens.token('operator')}",
            "Content-Type": "application/json",
        }
        return self._ask(urllib.request.Request(self.url(f"api/v1{path}"), json.dumps(body).encode(), headers))

    def _ask(self, request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=LONGEST_S) as answer:
            return json.load(answer)

    def cookie(self) -> Any:
        """What an operator's device got when it joined."""
        value = self.service.tokens.cookie("operator")
        return {"name": "kojo", "value": value, "url": self.url(), "httpOnly": True, "sameSite": "Strict"}
