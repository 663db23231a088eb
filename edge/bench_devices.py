"""The sensors and outputs of one agent, as things on the bench that a person can see and take hold of."""

import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contract.catalogue import Setting, counts, settings_of
from contract.line import Line, Output, Sensor, Station
from contract.words import Words
from edge.bench import Bench
from edge.bench_hand import HandContact
from edge.bench_header import wires
from edge.bench_parts import Placed, Plug
from edge.handles import Handle, Knob, Typed, turned
from edge.outputs import OutputModule
from edge.sensors import SensorModule

log = logging.getLogger(__name__)

BUZZER = "buzzer"


@dataclass(frozen=True, slots=True)
class Lamp:
    """One pin that an output drives; ``label`` is the setting that names it (``pin``, ``red`` …)."""

    pin: int
    label: str
    on_level: bool


@dataclass(slots=True)
class Device:
    """One sensor or output on the bench: what it is wired to, and what can be done to it."""

    name: str
    station: Station
    thing: Sensor | Output
    title: Words
    wires: list[dict[str, Any]]
    contacts: list[HandContact] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)
    handles: dict[str, Handle] = field(default_factory=dict)
    plugs: list[Plug] = field(default_factory=list)
    placed: Placed = field(default_factory=Placed)
    wired: bool = True

    def put(self, wired: bool) -> None:
        """Put its wires in, or pull them out."""
        if self.wired == wired:
            return
        self.wired = wired
        for contact in self.contacts:
            contact.put(wired)
        for plug in self.plugs:
            (plug.back if wired else plug.out)()

    def plan(self) -> dict[str, Any]:
        """What stays as it is, as a page is told."""
        thing = self.thing
        about: dict[str, Any] = {"kind": "output", "role": None, "says": None, "measures": {}}
        if isinstance(thing, Sensor):
            measures = {
                m.key: {"title": _both(m.title), "unit": m.unit, "decimals": m.decimals} for m in thing.measures
            }
            about = {"kind": "sensor", "role": thing.role and str(thing.role), "says": thing.says, "measures": measures}
        return about | {
            "device": self.name,
            "type": thing.type,
            "name": thing.called,
            "title": _both(self.title),
            "station": self.station.name,
            "wires": self.wires,
            "contacts": [contact.pin for contact in self.contacts],
            "lamps": [{"pin": lamp.pin, "label": lamp.label} for lamp in self.lamps],
            "handles": [_told(handle) for handle in self.handles.values()],
            "plugs": [plug.where for plug in self.plugs],
        }

    def state(self, bench: Bench, health: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What changes, as a page is told. ``health``: what the agent says of it, if one drives it."""
        return {
            "wired": self.wired,
            "in_hand": self.placed.in_hand,
            "contacts": [contact.state() for contact in self.contacts],
            "lamps": [self._lamp(lamp, bench, health) for lamp in self.lamps],
            "knobs": {key: value for key, handle in self.handles.items() if (value := _now(handle)) is not None},
        }

    def _lamp(self, lamp: Lamp, bench: Bench, health: Mapping[str, Any] | None) -> dict[str, Any]:
        """A buzzer sounds in the pauses of its pattern too: its state counts, where an agent tells it."""
        on = bench.is_output(lamp.pin) and bench.level(lamp.pin) == lamp.on_level
        if self.thing.type == BUZZER and health is not None and "v" in health:
            on = bool(health["v"])
        return {"pin": lamp.pin, "label": lamp.label, "on": self.wired and on, "changes": bench.changes(lamp.pin)}


def sensor_device(
    station: Station, sensor: Sensor, module: SensorModule, bench: Bench, placed: Placed, lock: threading.RLock
) -> Device:
    """A sensor: contacts where pins move without a model, what its file has to take hold of, its plugs."""
    settings, kinds = dict(sensor.settings), settings_of(module.Sensor)
    drawn = list(wires(module.TERMINALS, settings, kinds))
    device = Device(
        f"{station.id}/{sensor.id}", station, sensor, module.TITLE, drawn, plugs=placed.plugs, placed=placed
    )
    pins = [settings[key] for key in _pins(kinds, settings)]
    if hasattr(module, "place"):
        device.plugs = [*placed.plugs, *(_wire(pin, bench) for pin in pins)]
    else:
        device.contacts = [_contact(pin, settings, bench, lock) for pin in pins]
    device.handles = {handle.key: handle for handle in _handles(module, settings, kinds, bench, placed.part)}
    return device


def output_device(station: Station, output: Output, module: OutputModule) -> Device:
    """An output: a lamp for each pin it drives."""
    settings, kinds = dict(output.settings), settings_of(module.Output)
    on_level = settings.get("active", "high") == "high"
    drawn = list(wires(module.TERMINALS, settings, kinds))
    lamps = [Lamp(settings[key], key, on_level) for key in _pins(kinds, settings)]
    return Device(f"{station.id}/{output.id}", station, output, module.TITLE, drawn, lamps=lamps)


def devices(
    line: Line,
    agent: str,
    bench: Bench,
    placed: Mapping[str, Placed],
    sensors: Mapping[str, SensorModule],
    outputs: Mapping[str, OutputModule],
    lock: threading.RLock,
) -> dict[str, Device]:
    """All of an agent's, by ``station/id``, in the order of the line."""
    found: list[Device] = []
    for station in line.stations_of(agent):
        for sensor in station.sensors.values():
            if sensor.type in sensors:
                part = placed.get(f"{station.id}/{sensor.id}", Placed())
                found.append(sensor_device(station, sensor, sensors[sensor.type], bench, part, lock))
        found += [output_device(station, output, outputs[output.type]) for output in station.outputs.values()]
    return {device.name: device for device in found}


def _contact(pin: int, settings: Mapping[str, Any], bench: Bench, lock: threading.RLock) -> HandContact:
    quiet_ms = max(settings.get("debounce_ms") or 0.0, settings.get("release_ms") or 0.0)
    return HandContact(bench, pin, settings.get("active", "low") == "high", quiet_ms / 1000, lock)


def _wire(pin: int, bench: Bench) -> Plug:
    """A wire to a part whose model moves the pin: out, the pull decides."""
    return Plug(f"GPIO{pin}", lambda: bench.take(pin, None), lambda: bench.leave(pin))


def _pins(kinds: Sequence[Setting], settings: Mapping[str, Any]) -> list[str]:
    """The keys of the settings that name a pin."""
    return [s.key for s in kinds if s.kind == "pin" and counts(s, settings) and settings.get(s.key) is not None]


def _handles(
    module: SensorModule, settings: dict[str, Any], kinds: Sequence[Setting], bench: Bench, part: Any
) -> list[Handle]:
    """What the sensor's file says; else a knob for each measure that is a number on the part's model, or a keyboard."""
    own: Callable[..., Any] | None = getattr(module, "handles", None)
    if own is not None:
        try:
            return list(own(module.Sensor(**settings), bench, part))
        except Exception:  # a sensor's file may be a trainee's first; the others are shown all the same
            log.exception("handles of %s", module.__name__)
            return []
    if part is not None:
        return [knob for measure in module.MEASURES if (knob := turned(measure, part)) is not None]
    port = next((settings[s.key] for s in kinds if s.kind == "port" and settings.get(s.key)), None)
    return [] if port is None else [_keyboard(str(port), bench)]


def _now(handle: Handle) -> float | None:
    """Where a knob stands; None for what is no knob, or says nothing that can be shown."""
    if not isinstance(handle, Knob):
        return None
    try:
        value = float(handle.now())
    except Exception:  # noqa: BLE001 - as above
        return None
    return value if math.isfinite(value) else None


def _keyboard(port: str, bench: Bench) -> Typed:
    """A port whose sensor says nothing of it can be typed into, line by line."""
    return Typed("line", Words("1行を送る", "Send a line"), lambda text: bench.type(port, text.encode() + b"\r\n"))


def _told(handle: Handle) -> dict[str, Any]:
    told: dict[str, Any] = {"key": handle.key, "title": _both(handle.title), "is": type(handle).__name__.lower()}
    if isinstance(handle, Knob):
        return told | {"low": handle.low, "high": handle.high, "unit": handle.unit, "live": handle.live}
    if isinstance(handle, Typed):
        return told | {"examples": list(handle.examples), "note": _both(handle.note) if handle.note else None}
    return told


def _both(words: Words) -> dict[str, str]:
    return {"ja": words.ja, "en": words.en}
