"""``kojo run SCRIPT.py``: an existing RPi.GPIO, smbus, spidev, serial or gpiozero script, unchanged, on the bench."""

import contextlib
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract.errors import KojoError, NotThere
from contract.line import Line, load
from contract.words import Words
from edge import outputs
from edge.bench import Bench
from edge.bench_parts import place_all
from edge.bench_script import lent
from edge.bench_table import Table
from edge.pins import find_chip
from edge.script_wiring import INSTEAD, Wiring, line_text, wiring_of
from edge.sensors import catalogue, modules
from edge.system_clock import SystemClock
from kojo.script_ending import gone_when_ended, left_behind
from kojo.script_play import play

AGENT = "pi-1"
NO_PAGE = "off"
PI_5 = "pinctrl-rp1"

log = logging.getLogger(__name__)


def run(script: Path, arguments: Sequence[str], *, line_file: Path | None, agent: str | None, page: str | None) -> int:
    """Run it as ``python SCRIPT.py`` would; 0 when it ended by itself, 1 when it failed, else what it exits with.

    ``line_file``: what stands on the bench; left out, a contact or a lamp for each pin that the script's text names.
    ``page``: where the bench's page answers (``HOST:PORT`` or ``off``); None: any free port.
    """
    before = threading.enumerate()
    wiring = _read(script)
    for said in _on_a_pi_5(wiring):
        print(said, file=sys.stderr)
    with _folder() as folder:
        line = _line_of(script, wiring, line_file, folder)
        chosen = agent or next(iter(line.agents), AGENT)
        if line_file is not None and chosen not in line.agents:
            raise NotThere(
                Words(f"line.toml にエージェント「{chosen}」はありません。", f"line.toml has no agent {chosen}."),
                Words(f"あるのは {', '.join(line.agents)} です。", f"Hint: it has {', '.join(line.agents)}."),
            )
        print(_greeting(wiring, line_file), file=sys.stderr, flush=True)
        with _bench() as bench, _page(line, chosen, bench, page, folder), lent(bench):
            code = play(script, arguments)
    if left_behind(before):  # only after Ctrl-C; Python would wait for them now
        _leave_at_once(code)
    return code


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A place for what is made for this run, gone at the end whatever the end is."""
    with tempfile.TemporaryDirectory(prefix="kojo-run-") as folder, gone_when_ended(Path(folder)):
        yield Path(folder)


@contextlib.contextmanager
def _bench() -> Iterator[Bench]:
    clock = SystemClock()
    bench = Bench(clock)
    try:
        yield bench
    finally:
        bench.close()
        clock.close()


def _leave_at_once(code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _read(script: Path) -> Wiring:
    try:
        return wiring_of(script.read_bytes())
    except OSError as error:
        raise NotThere(
            Words(f"{script} を読めません({error.strerror})。", f"{script} cannot be read: {error.strerror}."),
            Words("ファイルの場所を確かめてください。", "Hint: check where the file is."),
        ) from error
    except (SyntaxError, ValueError) as error:
        row = getattr(error, "lineno", None) or 1
        raise NotThere(
            Words(f"{script}:{row}: Python として読めません({error})。", f"{script}:{row}: it is not Python: {error}."),
            Words(
                "その行と上の行の、かっこ・「:」・全角文字を見てください。",
                "Hint: look for a bracket, a colon or a full-width character in that row and the one above.",
            ),
        ) from error


def _on_a_pi_5(wiring: Wiring) -> Iterator[Words]:
    """Why RPi.GPIO does not work on this board's own pins, and what to write instead, row by row."""
    if wiring.rpi_row is None or not _is_a_pi_5():
        return
    yield from pi_5_advice(wiring)


def pi_5_advice(wiring: Wiring) -> Iterator[Words]:
    """What a script that uses RPi.GPIO must be told on a Pi 5."""
    yield Words(
        f"{wiring.rpi_row} 行目: Raspberry Pi 5 では RPi.GPIO は動きません(ピンが RP1 という別のチップにあり、"
        "RPi.GPIO は昔のチップのレジスターを直接さわるため)。練習台では動きます。本物のピンには gpiozero で書きます:",
        f"Row {wiring.rpi_row}: RPi.GPIO does not work on a Raspberry Pi 5 (the pins are on another chip, the RP1, and "
        "RPi.GPIO touches the registers of the old one). It runs on the bench; for real pins write with gpiozero:",
    )
    yield Words(
        f"  {wiring.rpi_row} 行目: from gpiozero import Button, LED など",
        f"  row {wiring.rpi_row}: from gpiozero import Button, LED and so on",
    )
    for row, name in wiring.calls:
        if name in INSTEAD:
            better = INSTEAD[name]
            yield Words(f"  {row} 行目: {name} → {better.ja}", f"  row {row}: {name} → {better.en}")


def _is_a_pi_5() -> bool:
    try:
        chip = find_chip()
    except (KojoError, OSError):
        return False
    return chip is not None and chip.label == PI_5


def _line_of(script: Path, wiring: Wiring, line_file: Path | None, folder: Path) -> Line:
    if line_file is not None:
        return load(line_file, catalogue(line_file.parent / "sensors"))
    made = folder / "line.toml"
    made.write_text(line_text(wiring, script.name), "utf-8")
    return load(made, catalogue())


def _greeting(wiring: Wiring, line_file: Path | None) -> Words:
    pins = "、".join(f"GPIO{use.pin}" for use in wiring.pins) or "-"
    wired = Words(f"(つないだもの: {line_file})", f" (wired: {line_file})") if line_file else Words("", "")
    return Words(
        f"練習台で動かします。本物のピンは使いません。見つけたピン: {pins}{wired.ja}",
        f"On the bench: no real pin is touched. Pins found: {pins.replace('、', ', ')}{wired.en}",
    )


@contextlib.contextmanager
def _page(line: Line, agent: str, bench: Bench, address: str | None, folder: Path) -> Iterator[None]:
    """What stands on the bench, and its page."""
    known = modules()
    placed = place_all(line, agent, bench, known)
    with contextlib.ExitStack() as until_the_end:
        if address != NO_PAGE and agent in line.agents:
            from kojo.bench_door import offered

            data = folder / "page"
            data.mkdir()
            table = Table(line, agent, bench, placed, known, outputs.modules())
            door = offered(table, data, address or "127.0.0.1:0", line.name, keys=False)  # the keys are the script's
            until_the_end.enter_context(door)
        yield
