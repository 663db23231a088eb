"""``kojo doctor``: what is wrong, in plain words. Looks only: nothing is changed, sent or opened for writing.

Exit code 0 when all is well, 2 when something needs the user.
"""

import os
import platform
import shutil
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from collector.store.duck import look_into
from contract import secrets
from contract.broker import Broker
from contract.errors import BackupError, InUse, KojoError
from contract.line import Line
from contract.words import Words
from edge.timekeeping import this_machine
from kojo import local_door
from kojo.doctor_devices import of_devices
from kojo.doctor_outputs import of_outputs
from kojo.doctor_quarantine import of_quarantine, of_refused
from kojo.doctor_serve import STOPPED, is_demo, of_remains, remains
from kojo.doctor_store import of_set_aside, of_store
from kojo.findings import (
    Finding,
    of_broker,
    of_clock,
    of_disk,
    of_error,
    of_line,
    of_outboxes,
    of_secrets,
    of_server,
    of_servers_broker,
    worst,
)

MARKS = {"good": "○", "known": "・", "bad": "×"}


def doctor(line_file: Path, data: Path) -> int:
    """Say everything that was found; 0 or 2."""
    found = []
    for finding in examine(line_file, data.absolute()):
        found.append(finding)
        print(f"{MARKS[finding.state]} {finding.what}", flush=True)
        if finding.hint:
            print(f"  → {finding.hint}", flush=True)
    many = sum(finding.state == "bad" for finding in found)
    if worst(found):
        print(Words(f"\n直すところが {many} か所あります。", f"\n{many} thing(s) to see to."))
        return 2
    if STOPPED in found:
        print(
            Words(
                "\nkojo serve は止まっています。ほかに直すところはありません。",
                "\nkojo serve is stopped; nothing else is wrong.",
            )
        )
        return 0
    print(Words("\nすべて良好です。", "\nAll is well."))
    return 0


def examine(line_file: Path, data: Path) -> Iterator[Finding]:
    """Everything, one after the other."""
    ours = metadata.version("kojohack")
    here = f"kojohack {ours}, Python {platform.python_version()}, {platform.platform()}"
    yield Finding("known", Words(here, here))
    finding, line = of_line(line_file, data)
    yield finding
    yield of_clock(this_machine(), time.time_ns(), line.zone if line is not None else None)
    if not data.is_dir():
        yield Finding(
            "bad",
            Words(f"データの置き場所 {data} がありません。", f"There is no data directory {data}."),
            Words(
                "kojo serve や kojo edge の --data と同じ場所を指してください。",
                "Name the --data of kojo serve or kojo edge.",
            ),
        )
        return
    usage = shutil.disk_usage(data)
    yield of_disk(data, usage.free, usage.total)
    yield from of_secrets(data)
    yield from of_outboxes(data, time.time_ns())
    yield from of_set_aside(data)
    if line is not None:
        yield from of_outputs(line, data)
    start = f"kojo demo --data {data}" if is_demo(data) else f"kojo serve --line {line_file} --data {data}"
    yield from _of_server(line, data, ours, start)


def _of_server(line: Line | None, data: Path, ours: str, start: str) -> Iterator[Finding]:
    """The server if it answers, else what it left; then the broker, unless what was said explains it."""
    try:
        told = local_door.ask(data, {"do": "look"})
    except BackupError as error:
        yield of_error(error)
        return
    if told is not None:
        status = told["status"]
        yield from of_server(status, ours)
        if status["broker"]["connected"]:
            yield from of_devices(status["agents"], line)
        if told.get("refused"):
            yield from of_refused(told["refused"], line, data, status["ingest"].get("in_quarantine", 0))
        else:
            yield from of_quarantine(told["quarantine"])
        if line is not None:
            for mine in _of_broker(line, data):
                is_away = not status["broker"]["connected"]
                yield of_servers_broker(status["broker"]["trouble"], mine) if is_away else mine
        return
    how = remains(data)
    said = of_remains(how, data, start)
    if said is not None:
        yield said
    if how != "silent":
        yield from _of_store(line, data)
    # A broker that lives in kojo serve is away with it.
    if line is not None and (said is None or not Broker.of(line.mqtt_url).embedded):
        yield from _of_broker(line, data)


def _of_store(line: Line | None, data: Path) -> Iterator[Finding]:
    url = line.store_url if line is not None else "duckdb:line.duckdb"
    file = data / url.partition(":")[2]
    if not url.startswith("duckdb:") or not file.exists():
        return
    try:
        looked = look_into(file)
    except InUse as error:
        yield Finding(
            "bad",
            error.what,
            Words("それを終わらせてから、もう一度調べてください。", "End that one, then look again."),
        )
    except KojoError as error:
        yield of_error(error)
    else:
        yield from of_store(looked, file)


def _of_broker(line: Line, data: Path) -> Iterator[Finding]:
    try:
        mine = secrets.read(data).mqtt
    except KojoError:
        return  # said already
    broker = Broker.of(line.mqtt_url)
    serves = any(data.glob("*.duckdb")) or (data / "collector.id").exists()
    yield of_broker(broker.from_here if serves else broker, mine, _own_id())


def _own_id() -> str:
    """A client id that is nobody else's: those that begin with ``kojo:`` belong to agents and collectors."""
    return f"doctor-{os.urandom(4).hex()}"
