"""What sensors and outputs say when something is wrong, found by doing it to them on the bench: for their pages.

    told(["bme280", "buzzer"])["bme280"][0].what      # I2C バス 1 のアドレス 0x76 が応答しません …

None of it is written by hand: a page never promises an error that its sensor does not raise.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from contract.catalogue import Trouble, settings_of
from contract.errors import SensorError
from contract.words import Words
from edge import outputs, rehearsal, sensors, troubles
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.manifests import example
from edge.one_wire import DEVICES, MASTER


class _SwitchedOff(Bench):
    """A board whose buses nobody has switched on."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self._i2c.clear()
        self._spi.clear()

    def one_wire(self) -> Any:
        raise troubles.no_one_wire(f"{DEVICES}/{MASTER}1: No such file or directory")


NOT_WIRED: Final = Words("センサーの返事がない(線か電源が外れている)", "no answer: a wire or its supply is off")
SWITCHED_OFF: Final = Words(
    "Pi の設定で I2C・SPI・1-Wire を有効にしていない", "I2C, SPI or 1-Wire is not switched on in the Pi's settings"
)
PULLED_OUT: Final = Words("ケーブルが抜けている", "its cable is pulled out")
PIN_IN_USE: Final = Words("ピンをほかで使っている", "something else holds its pin")

ASKED: Final = 3
WAIT_S: Final = 10.0
"""A silent part is asked so often, so long after one another: none takes longer to be missed."""


def told(types: Iterable[str], extra: Path | None = None) -> Mapping[str, tuple[Trouble, ...]]:
    """What each of these types says when something is wrong, the most usual first; nothing twice.

    ``extra``: the folder of a trainee's own sensors. One that cannot be played here, for want of a package or because
    its file crashes, tells only what it said until then.
    """
    known: dict[str, Any] = {**sensors.modules(extra), **outputs.modules()}
    with _unlogged():
        return {name: _told(name, known[name]) if name in known else () for name in types}


def not_there(module: Any) -> tuple[Trouble, ...]:
    """What a sensor or output says when it is opened and asked without its part, its bus, its cable, its pins."""
    said = []
    for happened, bench in _boards(module):
        try:
            _asked(module, bench)
        except SensorError as error:
            said.append(Trouble(happened, error.what, error.hint))
        finally:
            bench.close()
    return _once(said)


def _told(name: str, module: Any) -> tuple[Trouble, ...]:
    said: tuple[Trouble, ...] = ()
    try:
        said = not_there(module)
        played = () if hasattr(module, "Output") else rehearsal.rehearse(name, module).told
    except Exception:  # noqa: BLE001 - a trainee's file may raise anything; `kojo rehearse` is where that is told
        return said
    return _once([*said, *played])


def _boards(module: Any) -> Iterator[tuple[Words, Bench]]:
    settings = _settings(module)
    held, pulled = Bench(_clock()), Bench(_clock())
    for setting in settings_of(type(settings)):
        value = getattr(settings, setting.key)
        if setting.kind == "pin" and value is not None:
            held.hold(value)
        if setting.kind in ("port", "shared_port"):
            pulled.unplug(value)
    yield NOT_WIRED, Bench(_clock())
    yield SWITCHED_OFF, _SwitchedOff(_clock())
    yield PULLED_OUT, pulled
    yield PIN_IN_USE, held


def _clock() -> HandClock:
    return HandClock(rehearsal.START_NS)


def _settings(module: Any) -> Any:
    """The settings of the docstring's example."""
    if not hasattr(module, "Output"):
        return module.Sensor(**rehearsal.example_settings(module))
    known = {setting.key for setting in settings_of(module.Output)}
    return module.Output(**{key: value for key, value in example(module).items() if key in known})


def _asked(module: Any, bench: Any) -> None:
    """Open it and ask it for a while."""
    settings = _settings(module)
    if hasattr(module, "Output"):
        settings.open(bench).close()
    elif module.STYLE == "polled":
        opened = settings.open(bench)
        try:
            for _ in range(ASKED):
                bench.clock.turn(WAIT_S)
                opened.read()
        finally:
            opened.close()
    else:
        listening = settings.listen(bench, lambda *_: None)
        try:
            bench.clock.turn(WAIT_S)
            listening.check()
        finally:
            listening.close()


def _once(said: Iterable[Trouble]) -> tuple[Trouble, ...]:
    first: dict[Words, Trouble] = {}
    for trouble in said:
        first.setdefault(trouble.what, trouble)
    return tuple(first.values())


@contextmanager
def _unlogged() -> Iterator[None]:
    """What is played for a page is no news for the log."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)
