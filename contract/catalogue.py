"""What sensors and outputs exist, as plain frozen data.

`contract` may not import `edge`, yet must say ``unknown key "pinn"``. So the manifests in `edge/sensors` and
`edge/outputs` are turned into this data once (``edge.sensors.catalogue()``), and everyone else is handed it.
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from contract.words import Words

Kind = Literal["number", "total", "event", "level", "text"]
"""What a value means: a plain number, a running total, one piece a message, 0 or 1, text."""

SettingKind = Literal[
    "pin", "shared_pin", "channel", "whole", "number", "text", "flag", "choice", "i2c_address", "port", "shared_port",
    "pattern", "measures",
]  # fmt: skip
"""What a setting may hold. ``pin`` is a BCM number that nobody else may have, ``shared_pin`` one that several of a kind
hang on (1-Wire), ``channel`` an input of an analogue converter that nobody else may read, ``port`` a serial device's
path, ``shared_port`` one on whose line several of a type are asked in turn (RS-485), ``measures`` an external table."""

Terminal = Literal[
    "3V3", "5V", "24V", "GND", "pin", "AIN", "SDA", "SCL", "MOSI", "MISO", "SCLK", "CE0", "CE1", "TXD", "RXD", "USB",
    "LAN", "across",
]  # fmt: skip
"""Where a wire of a part goes: a supply, ground, a bus line, ``pin`` (the pin named by a setting), ``AIN`` (the input
of an analogue converter named by a setting), or ``across``: to no pin, what it goes ``through`` sits between the two
terminals named (``CT 1–2``)."""

When = tuple[str, str | float]
"""A setting, and its value for which something counts: ``("converter", "ads1115")``, ``("address", 0x77)``."""


class _Required(enum.Enum):
    REQUIRED = "required"

    def __repr__(self) -> str:
        return self.name


REQUIRED: Any = _Required.REQUIRED
"""Stands where a setting has no default."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity a sensor gives: its unit, kind, range and decimals stand here once; everyone downstream reads them.

    ``low`` and ``high`` bound what can be believed in ``unit``; a value outside is stored and flagged.
    """

    key: str
    title: Words
    unit: str = ""
    kind: Kind = "number"
    low: float | None = None
    high: float | None = None
    decimals: int | None = None
    own: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What its table says in the keys that only its sensor's type has: a register, a device of a PLC."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a sensor's or output's table in line.toml. ``default`` is ``REQUIRED`` where there is none.

    ``when``: it means something only for that choice of another setting. ``columns``: the keys that each table below
    ``measures`` has beside the usual ones. ``form``: a regular expression that a text must match as a whole.
    """

    key: str
    title: Words
    kind: SettingKind
    unit: str = ""
    default: Any = REQUIRED
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    when: When | None = None
    columns: "tuple[Setting, ...]" = ()
    form: str = ""

    @property
    def required(self) -> bool:
        """Whether line.toml must name it."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Part:
    """So many of a part of `hardware/parts.toml`, and what for; with ``when`` only for that choice of a setting."""

    id: str
    count: int = 1
    note: Words | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """One wire: the part's terminal as printed on it, where it goes, and what must sit between.

    With ``when`` it is there only for that choice of a setting, with ``address`` only at that I2C address: a strap.
    """

    terminal: str
    to: Terminal
    setting: str = ""
    through: str = ""
    note: Words | None = None
    when: When | None = None
    address: int | None = None


def counts(thing: Setting | Part | Wire, settings: Mapping[str, Any]) -> bool:
    """Whether a setting, part or wire means something with these settings (every key of the type with its value)."""
    if isinstance(thing, Wire) and thing.address is not None and settings.get("address") != thing.address:
        return False
    return thing.when is None or settings.get(thing.when[0]) == thing.when[1]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with a sensor or output: what happened, what is said then, and what to do."""

    happened: Words
    what: Words
    hint: Words | None = None


@dataclass(frozen=True, slots=True)
class SensorType:
    """A sensor type: the file name is its ``type`` in line.toml."""

    type: str
    title: Words
    style: Literal["polled", "event", "external"]
    measures: tuple[Measure, ...]
    settings: tuple[Setting, ...]
    parts: tuple[Part, ...] = ()
    terminals: tuple[Wire, ...] = ()
    doc: str = ""
    about_ja: str = ""
    """What a Japanese reader must know of it, in paragraphs; ``doc`` says it in English."""

    def setting(self, key: str) -> Setting | None:
        """The setting of that key, or None."""
        return next((s for s in self.settings if s.key == key), None)


@dataclass(frozen=True, slots=True)
class OutputType:
    """An output type; every output has one measure, ``state``, of the kind that stands here (level or text).

    ``values``: all it can be set to, and says it is; its safe state is one of them. Empty: not known.
    """

    type: str
    title: Words
    settings: tuple[Setting, ...]
    parts: tuple[Part, ...] = ()
    terminals: tuple[Wire, ...] = ()
    doc: str = ""
    state: Kind = "level"
    values: tuple[float | str, ...] = ()
    about_ja: str = ""


EXTERNAL = SensorType(
    type="external",
    title=Words("ほかの機器が送る測定値", "published by another device"),
    style="external",
    measures=(),
    settings=(Setting("measures", Words("送られてくる測定値", "the measures it publishes"), "measures"),),
    doc="""Published by another device (an ESP32, Node-RED …) to the line's topics; opened by no agent.

    [stations.washer.sensors.esp]
    type = "external"
    measures = { temperature = { unit = "°C" }, count = { kind = "total" } }
""",
    about_ja="""\
ESP32 や Node-RED など、ほかの機器が MQTT で送ってくる測定値です。
Pi にはつながず、エージェントも開きません。

気をつけること: 送る機器のほうに、この工程のトピックと形式を書いておきます。
1秒ごとに送るのか、変わったときだけ送るのかは、その機器で決めます。

見えないこと: 機器が黙っているとき、止まったのか、変化がないのかは、こちらからは分かりません。
""",
)
"""A sensor that no agent opens: what it measures is written in line.toml."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sensor and output types by their name. ``external`` is always among the sensors."""

    sensors: Mapping[str, SensorType] = field(default_factory=dict)
    outputs: Mapping[str, OutputType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sensors", {**self.sensors, EXTERNAL.type: EXTERNAL})


def setting(
    title: Words,
    kind: SettingKind,
    *,
    default: Any = REQUIRED,
    unit: str = "",
    choices: Sequence[str] = (),
    low: float | None = None,
    high: float | None = None,
    when: When | None = None,
    columns: Sequence[Setting] = (),
    form: str = "",
) -> Any:
    """A field of a sensor's settings dataclass that carries its own line in the catalogue.

    @dataclass(frozen=True, kw_only=True)
    class Sensor:
        pin: int = setting(Words("ピン番号(BCM)", "BCM pin number"), "pin")
    """
    told = {
        "title": title,
        "kind": kind,
        "unit": unit,
        "choices": tuple(choices),
        "low": low,
        "high": high,
        "when": when,
        "columns": tuple(columns),
        "form": form,
    }
    missing = default is REQUIRED
    return dataclasses.field(default=dataclasses.MISSING if missing else default, metadata={"setting": told})


def settings_of(sensor: type) -> tuple[Setting, ...]:
    """The catalogue lines of a settings dataclass, in the order of its fields."""
    return tuple(
        Setting(
            key=f.name, default=REQUIRED if f.default is dataclasses.MISSING else f.default, **f.metadata["setting"]
        )
        for f in dataclasses.fields(sensor)
        if "setting" in f.metadata
    )
