"""Lines for the tests of wiring: written as TOML, or put together from settings alone.

pi = wired('[stations.press.sensors.done]\\ntype = "pulse"\\npin = 17')
"""

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from contract.catalogue import REQUIRED, Catalogue, OutputType, SensorType
from contract.line import Line, Output, Sensor, Station, load
from edge.sensors import catalogue
from hardware.parts import PartEntry
from hardware.parts import load as load_parts
from hardware.wiring import PiWiring
from hardware.wiring_line import wirings

HEAD = """\
schema = 1
site = "akita"
line = "test"
[stations.press]
name = "プレス"
agent = "pi-1"
"""


@cache
def types() -> Catalogue:
    """The kit's types."""
    return catalogue()


@cache
def kit_parts() -> Mapping[str, PartEntry]:
    """The kit's parts."""
    return load_parts()


def line_of(text: str) -> Line:
    """A line of one station and one Pi."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "line.toml"
        file.write_text(HEAD + text, "utf-8")
        return load(file, types())


def wired(text: str) -> PiWiring:
    """What hangs on the Pi of such a line."""
    (pi,) = wirings(line_of(text), types(), kit_parts())
    return pi


def put_together(
    things: Mapping[str, tuple[SensorType | OutputType, Mapping[str, Any]]], parts: Mapping[str, PartEntry]
) -> PiWiring:
    """The wiring of things that no file describes: by id their type and the settings that are not defaults."""
    sensors, outputs = {}, {}
    kinds: dict[str, SensorType] = {}
    driven: dict[str, OutputType] = {}
    for id, (kind, told) in things.items():
        settings = {one.key: None if one.default is REQUIRED else one.default for one in kind.settings} | dict(told)
        if isinstance(kind, SensorType):
            sensors[id] = Sensor("press", id, kind.type, settings, kind.measures)
            kinds[kind.type] = kind
        else:
            outputs[id] = Output("press", id, kind.type, settings)
            driven[kind.type] = kind
    station = Station("press", "プレス", "pi-1", sensors=sensors, outputs=outputs)
    (pi,) = wirings(Line("akita", "test", stations={"press": station}), Catalogue(kinds, driven), parts)
    return pi
