"""One agent's bench with everything on it, as a page shows it: what is wired where, how it is now, what can be done.

    table = Table(line, "pi-1", bench, placed, sensors.modules(), outputs.modules())
    table.plan()                       # the header, devices, wires, knobs: stays as it is
    table.state()                      # levels, knobs, health: changes all the time
    table.do({"device": "washer/done", "do": "press"})

All that is done goes through the tester's verbs of `edge.bench.Bench`, so the agent cannot tell it from a Pi.
"""

import math
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from contract.errors import KojoError
from contract.line import Line
from contract.words import Words
from edge.bench import Bench
from edge.bench_devices import Device, devices
from edge.bench_hand import LONGEST_BURST_MS, HandContact
from edge.bench_header import GPIOS, PINS
from edge.bench_parts import Placed
from edge.handles import Knob, Push, Typed
from edge.outputs import OutputModule
from edge.sensors import SensorModule

MOST_EDGES: Final = 50
MOST_TEXT: Final = 1024
"""Characters typed at once; a pseudo-terminal holds 4 KiB."""
SHORTEST_REPEAT_S, LONGEST_REPEAT_S = 0.2, 600.0


class NotDone(KojoError, ValueError):
    """Something asked of the bench that cannot be done."""


class Table:
    """See above. ``health`` tells how the agent finds each of them, by name; ``said`` what it read last."""

    def __init__(
        self,
        line: Line,
        agent: str,
        bench: Bench,
        placed: Mapping[str, Placed],
        sensors: Mapping[str, SensorModule],
        outputs: Mapping[str, OutputModule],
        health: Callable[[], Mapping[str, Any]] = dict,
        said: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self.agent = agent
        self._bench, self._health, self._said = bench, health, said
        self._lock = threading.RLock()
        self._devices = devices(line, agent, bench, placed, sensors, outputs, self._lock)

    def plan(self) -> dict[str, Any]:
        """The header, and each device with its wires and what can be done to it."""
        return {"agent": self.agent, "header": PINS, "devices": [device.plan() for device in self._devices.values()]}

    def state(self) -> dict[str, Any]:
        """Every GPIO by its number: ``[level, changes, is output, in hand]``; every device by its name; what was read.

        Of a series that is ``{"v", "t"}``, ``t`` in ns since 1970, by its name ``station/sensor/measure``.
        """
        bench, health = self._bench, self._health()
        with self._lock:
            found = {
                name: {**device.state(bench, health.get(name)), "health": health.get(name)}
                for name, device in self._devices.items()
            }
        pins = {str(n): [bench.level(n), bench.changes(n), bench.is_output(n), bench.in_hand(n)] for n in GPIOS}
        return {"pins": pins, "devices": found, "said": dict(self._said())}

    def do(self, asked: Mapping[str, Any]) -> None:
        """Do what ``{"device": "washer/done", "do": "press", …}`` says. Raises NotDone.

        press, hold, let_go (``pin`` says which contact where there are several); bounce (``edges``, ``within_ms``);
        glitch (``within_ms``); repeat (``every_s``); pull and plug its wires; turn, push, type a ``handle`` (``value``,
        ``text``).
        """
        device = self._devices.get(str(asked.get("device")))
        if device is None:
            raise NotDone(Words("その名前の部品はありません。", "There is no such device."))
        verb = _VERBS.get(str(asked.get("do")))
        if verb is None:
            raise NotDone(Words(f"できること: {'、'.join(_VERBS)}", f"What can be done: {', '.join(_VERBS)}."))
        with self._lock:
            verb(device, asked)


# ---- the verbs, by the name a page gives them ----


def _contact(device: Device, asked: Mapping[str, Any]) -> HandContact:
    pin = asked.get("pin")
    for contact in device.contacts:
        if pin is None or contact.pin == pin:
            return contact
    raise NotDone(Words("接点ではありません。", "It is no contact."))


def _number(asked: Mapping[str, Any], key: str, usual: float, low: float, high: float) -> float:
    said = asked.get(key, usual)
    if isinstance(said, bool) or not isinstance(said, int | float) or not low <= said <= high:
        raise NotDone(Words(f"{key} は {low:g} から {high:g} です。", f"{key} is {low:g} to {high:g}."))
    return float(said)


def _bounce(device: Device, asked: Mapping[str, Any]) -> None:
    edges = round(_number(asked, "edges", 5, 1, MOST_EDGES))
    _contact(device, asked).bounce(edges, _number(asked, "within_ms", 5.0, 0.1, LONGEST_BURST_MS))


def _glitch(device: Device, asked: Mapping[str, Any]) -> None:
    _contact(device, asked).glitch(_number(asked, "within_ms", 1.0, 0.1, LONGEST_BURST_MS))


def _repeat(device: Device, asked: Mapping[str, Any]) -> None:
    _contact(device, asked).repeat(_number(asked, "every_s", 2.0, SHORTEST_REPEAT_S, LONGEST_REPEAT_S))


def _handle(device: Device, asked: Mapping[str, Any], kind: type) -> Any:
    handle = device.handles.get(str(asked.get("handle")))
    if not isinstance(handle, kind):
        raise NotDone(Words("その部品にそれはありません。", "The device has no such thing to take hold of."))
    return handle


def _turn(device: Device, asked: Mapping[str, Any]) -> None:
    knob: Knob = _handle(device, asked, Knob)
    value = _number(asked, "value", math.nan, knob.low, knob.high)
    device.placed.take()
    knob.turn(value)


def _push(device: Device, asked: Mapping[str, Any]) -> None:
    push: Push = _handle(device, asked, Push)
    device.placed.take()
    push.push()


def _let_go(device: Device, asked: Mapping[str, Any]) -> None:
    device.placed.leave()
    if device.contacts:
        _contact(device, asked).let_go()


def _type(device: Device, asked: Mapping[str, Any]) -> None:
    typed: Typed = _handle(device, asked, Typed)
    text = asked.get("text")
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        raise NotDone(Words(f"文字は {MOST_TEXT} 字までです。", f"A text of at most {MOST_TEXT} characters."))
    try:
        typed.send(text)
    except ValueError as error:
        raise NotDone(Words(f"その文字は送れません({error})。", f"It cannot be sent: {error}.")) from error


_VERBS: Final[Mapping[str, Callable[[Device, Mapping[str, Any]], None]]] = {
    "press": lambda device, asked: _contact(device, asked).press(),
    "hold": lambda device, asked: _contact(device, asked).hold(),
    "let_go": _let_go,
    "bounce": _bounce,
    "glitch": _glitch,
    "repeat": _repeat,
    "pull": lambda device, _: device.put(wired=False),
    "plug": lambda device, _: device.put(wired=True),
    "turn": _turn,
    "push": _push,
    "type": _type,
}
