"""The kit on an InfluxDB: the rig of `tests.faults.processes` with a real server to do things to.

with influx_plant(tmp_path) as (plant, server):
    server.kill()
    server.start()
    server.front.answer = lambda path, body: (503, "busy")
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.faults.processes import Plant
from tests.influx_server import InfluxServer

BUCKET = "kojo"


@contextlib.contextmanager
def influx_plant(
    directory: Path, agents: Mapping[str, int] | None = None, **more: Any
) -> Iterator[tuple[Plant, InfluxServer]]:
    """A broker, a server, agents, and the InfluxDB they store in; ``more`` is the InfluxDB's."""
    (directory / "influx").mkdir()
    server = InfluxServer(directory / "influx", **more)
    try:
        server.run(f'CREATE DATABASE "{BUCKET}"')
        with Plant(directory, agents, store=server.url(BUCKET)) as plant:
            yield plant, server
    finally:
        server.close()
