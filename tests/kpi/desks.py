"""A service to ask, without a network: a desk with stand-ins, and a client that is anybody from anywhere."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from collector.store import Refused
from contract.line import Line
from contract.words import Words
from kpi.access import HostRules
from kpi.desk import Desk, Live
from kpi.service import create
from kpi.tokens import Tokens
from tests.kpi.memory_store import MemoryStore

NS = 1_000_000_000


@dataclass
class FakeIngest:
    """A collector that says what it is told to say."""

    away: dict[str, Words] = field(default_factory=dict)
    replayed: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    listeners: list[Callable[[Sequence[Live]], None]] = field(default_factory=list)
    agents: list[Mapping[str, Any]] = field(default_factory=list)

    def status(self) -> Mapping[str, Any]:
        counts = {"received": 3, "stored": 3, "duplicates": 0, "missing": 0, "quarantined": 1}
        return {"ingest": counts, "agents": self.agents}

    def broken(self) -> Mapping[str, Words]:
        return self.away

    def replay(self, ids: Sequence[str]) -> Mapping[str, Any]:
        self.replayed += ids
        return {"stored": len(ids), "still": []}

    def discard(self, ids: Sequence[str]) -> int:
        self.discarded += ids
        return len(ids)

    def export(self) -> Sequence[Refused]:
        return self.refused

    def listen(self, callback: Callable[[Sequence[Live]], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def tell(self, *readings: Live) -> None:
        for listener in self.listeners:
            listener(readings)


@dataclass
class FakeDemo:
    improved: bool = False

    def state(self) -> Mapping[str, Any]:
        done = {"done": 28, "of": 28, "running": False}
        return {"virtual": True, "history": done, "improved": self.improved, "improved_at": None}

    def improve(self, improved: bool) -> None:
        self.improved = improved


@dataclass
class Service:
    """The app of a line at a moment; ``now`` may be turned."""

    line: Line
    directory: Path
    now: int
    store: MemoryStore = field(default_factory=MemoryStore)
    ingest: FakeIngest = field(default_factory=FakeIngest)
    demo: FakeDemo | None = None
    hosts: HostRules = field(default_factory=HostRules)
    pages: Path | None = None
    live: bool = False
    versions: list[tuple[int, Line]] | None = None
    report: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.directory, lambda: self.now)
        versions = self.versions or [(0, self.line)]
        self.app: FastAPI = create(
            Desk(
                self.store, lambda: versions, self.ingest, self.tokens, lambda: self.now, self.pages, self.demo,
                self.hosts, live=self.live, report=self.report,
            )
        )  # fmt: skip

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        token: str | None = None,
        peer: str | None = "127.0.0.1",
        host: str = "127.0.0.1:8000",
        **more: Any,
    ) -> httpx.Response:
        """One request, from a peer, to a Host, perhaps with a token."""
        headers = {"host": host} | more.pop("headers", {})
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        client = None if peer is None else (peer, 50000)

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=client)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://kojo") as browser:
                return await browser.request(method, path, headers=headers, **more)

        return asyncio.run(go())

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a good answer under /api/v1, asked on the machine itself."""
        answer = self.ask(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def write(self, path: str, body: object, method: str = "POST") -> httpx.Response:
        """An operator's request."""
        return self.ask(f"/api/v1{path}", method, token=self.tokens.token("operator"), json=body)
