"""One reading, from pin to wall: the nine steps of the house, on the bench, in the order they happen.

Everything is the kit's own: sensor, outbox, link, broker, collector, store, service; only the hand at the pin is ours.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from contract.errors import LineError
from contract.line_check import check
from contract.reading import Series
from edge.agent import Agent
from edge.bench import Bench
from edge.delivery import Delivery
from edge.link import Link
from edge.outbox import Outbox
from edge.sensors import catalogue, modules
from edge.system_clock import SystemClock
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from kojo.wire import Server
from tests.browser import chromium
from tests.rig import (
    Listener,
    Stage,
    around_now,
    as_on_disk,
    broker,
    loaded,
    pages_of,
    pass_parts,
    serving,
    until,
    url_of,
    written,
)
from tests.servers import free_port

pytestmark = pytest.mark.slow

LINE = """\
schema = 1
site = "akita"
line = "wash"

[mqtt]
url = "embedded"

[outbox]
resend_after_s = 1.0

[stations.washer]
name = "洗浄機"
agent = "pi-1"
ideal_cycle_s = 0.25
stop_after_s = 60.0

[stations.washer.sensors.done]
type = "pulse"
pin = 17
role = "cycle"
"""

COUNT = Series("washer", "done", "count")
PARTS, EVERY_S = 5, 0.3

BROKERS = ["embedded", pytest.param("mosquitto", marks=pytest.mark.mosquitto)]


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as opened:
        yield opened


@pytest.mark.parametrize("kind", BROKERS)
def test_one_reading_walks_from_the_pin_to_the_wall(kind: str, tmp_path: Path, stage: Stage) -> None:
    address = stage.on(broker(kind))

    # 1. line.toml says that a pulse on GPIO17 is a finished piece.
    line_file = written(tmp_path, LINE, url_of(address))

    # 2. The file is loaded; a mistake in it is shown with file and line, the nearest word, and a hint.
    with pytest.raises(LineError) as mistakes:
        check(LINE.replace("pin = 17", "pinn = 17"), catalogue())
    assert 'line.toml:19: stations.washer.sensors.done: unknown key "pinn". Did you mean "pin"?' in mistakes.value.say(
        "en"
    )
    line = loaded(line_file)

    # 3. The agent opens the sensor; parts pass; the pin falls and bounces; each edge is dated at its first contact.
    clock = stage.closing(SystemClock())
    bench = stage.closing(Bench(clock))
    outbox = stage.closing(Outbox(tmp_path / "outbox.sqlite", "pi-1", clock, line.outbox))
    agent = Agent(line, "pi-1", bench, outbox, modules())
    stage.starts(agent)
    touched_ns = pass_parts(bench, pin=17, many=PARTS, every_s=EVERY_S)

    # 4. The outbox numbers them and has them on disk before anyone is told. The cable may now be pulled.
    until(lambda: outbox.backlog >= PARTS + 1, "all parts and a sign of life are on disk")
    assert outbox.sent_row == 0
    on_disk = as_on_disk(tmp_path / "outbox.sqlite", COUNT)
    assert [(seq, total) for seq, _, total in on_disk] == [(n, n) for n in range(1, PARTS + 1)]
    assert [t for _, t, _ in on_disk] == pytest.approx(touched_ns, abs=1_000_000)

    # 5. The link publishes them (QoS 1); the outbox forgets none, for no collector has confirmed them.
    heard = stage.closing(Listener(address, line.topics.everything))
    link = Link(line, "pi-1", Delivery(outbox, clock), clock, address, speaker=agent)
    stage.starts(link)
    topic = line.topics.reading(COUNT)
    batch = heard.wait(lambda where, _: where == topic)
    assert outbox.backlog >= PARTS + 1

    # 6. The collector turns bytes into readings, or puts them in quarantine with the reason. Nothing vanishes.
    directory = stage.closing(DataDirectory(tmp_path / "data", "serve"))
    server = Server(line_file, directory)
    store = stage.closing(server.store)
    stage.starts(server.subscriber)
    until(lambda: server.subscriber.connected, "the collector is connected")
    heard.say(topic, b"five")
    until(lambda: [kept.reason for kept in store.quarantine()] == ["not_json"], "quarantined with its reason")

    # 7. What the agent sends again is stored once: a repeated number is dropped, readings and ranges are committed
    #    together; only then is the agent told, which may forget what it held.
    until(lambda: outbox.backlog == 0, "confirmed")
    heard.wait(lambda where, said: where == line.topics.acks("pi-1") and f'"{COUNT}":{PARTS}'.encode() in said)
    heard.say(topic, batch)
    until(lambda: server.ingest.status()["duplicates"] == PARTS, "the repeat is known")
    track = store.readings(COUNT)
    assert list(zip(track.seq, track.t, track.v, strict=True)) == on_disk

    # 8. The service is asked for the cycle time: the gaps between the touches, as the clock saw them.
    pages = stage.on(pages_of(server))
    washer = pages.get("/kpi", station="washer", **around_now())["stations"][0]
    gaps_s = [(b - a) / 1e9 for a, b in pairwise(touched_ns)]
    assert washer["produced_quantity"] == PARTS
    assert washer["cycle_time_s"]["count"] == PARTS - 1
    assert washer["cycle_time_s"]["median"] == pytest.approx(median(gaps_s), abs=0.002)

    # 9. The wall has the figure, with its unit, its formula and how much of the time was observed.
    shown, told = pages.wall("washer"), pages.get("/line")["kpis"]["cycle_time_s"]
    assert shown["produced_quantity"] == PARTS
    assert shown["last_cycle_s"] == pytest.approx(gaps_s[-1], abs=0.002)
    assert told["unit"] == {"ja": "秒", "en": "s"}
    assert told["formula"]["ja"]
    assert 0 < shown["coverage"] <= 1


@pytest.mark.browser
def test_the_page_draws_the_pieces_as_they_pass(tmp_path: Path, stage: Stage) -> None:
    port = free_port()
    kit = stage.on(serving(written(tmp_path, LINE, f"embedded:{port}"), tmp_path / "data"))
    page = stage.on(chromium()).new_page()
    page.goto(kit.url)
    washer = page.locator('[data-station="washer"]')
    washer.locator("h2", has_text="洗浄機").wait_for()

    line = loaded(tmp_path / "line.toml")
    clock = stage.closing(SystemClock())
    bench = stage.closing(Bench(clock))
    agent = EdgeAgent(line, "pi-1", bench, stage.closing(DataDirectory(tmp_path / "pi", "edge-pi-1")))
    stage.starts(agent)
    touched_ns = pass_parts(bench, pin=17, many=PARTS, every_s=EVERY_S)

    washer.locator(f'[data-figure="produced_quantity"][data-value="{PARTS}"]').wait_for()
    last_s = float(washer.locator('[data-figure="last_cycle_s"]').get_attribute("data-value") or "nan")
    assert last_s == pytest.approx((touched_ns[-1] - touched_ns[-2]) / 1e9, abs=0.002)
