"""The settings of sensors and outputs: what may stand behind each kind of setting in the catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, get_args

from contract.catalogue import Kind as MeasureKind
from contract.catalogue import Setting
from contract.header import BCM, HEADER_PIN
from contract.line_kinds import Choice, Flag, Kind, Text, refuse
from contract.line_numbers import Number
from contract.line_places import Path
from contract.line_report import Report, half_width, hint
from contract.line_tables import Key, Named, Table
from contract.words import Words

_PORT = re.compile(r"/[^\s\0]+|COM[1-9][0-9]{0,2}")
_HEX = re.compile(r"(?:0x)?([0-9a-fA-F]{2})")
_LOWEST_ADDRESS, _HIGHEST_ADDRESS = 0x03, 0x77


@dataclass(frozen=True, slots=True)
class Pin:
    """A BCM number of the header."""

    example = "17"

    @property
    def words(self) -> Words:
        """The range."""
        return Words("BCM 番号(0〜27)", "a BCM number (0 to 27)")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The number."""
        if type(value) is int and value in HEADER_PIN:
            return value
        return refuse(self, value, path, report, self._tip(value))

    def _tip(self, value: Any) -> Words:
        said = half_width(value).upper() if isinstance(value, str) else ""
        named = re.fullmatch(r"(?:GPIO|BCM)?\s*([0-9]{1,2})", said)
        if named and int(named[1]) in HEADER_PIN:
            return hint(f'{int(named[1])} と、" " で囲まずに書きます。', f"write {int(named[1])}, without quotes.")
        pin = BCM.get(value, 17) if type(value) is int else 17
        return hint(
            f"GPIO{pin} はヘッダーの {HEADER_PIN[pin]} 番ピンです。", f"GPIO{pin} is header pin {HEADER_PIN[pin]}."
        )

    def schema(self) -> dict[str, Any]:
        """The range."""
        return {"type": "integer", "minimum": 0, "maximum": 27}


@dataclass(frozen=True, slots=True)
class I2cAddress:
    """A 7-bit address on the I2C bus."""

    low: int = _LOWEST_ADDRESS
    high: int = _HIGHEST_ADDRESS
    choices: tuple[int, ...] = ()

    @property
    def words(self) -> Words:
        """The addresses allowed, in hexadecimal as on the data sheet."""
        if self.choices:
            some = ", ".join(f"0x{address:02x}" for address in self.choices)
            return Words(f"この部品の I2C アドレス({some})", f"an I2C address of this part ({some})")
        low, high = f"0x{self.low:02x}", f"0x{self.high:02x}"
        return Words(f"I2C アドレス({low}〜{high})", f"an I2C address ({low} to {high})")

    @property
    def example(self) -> str:
        """An address."""
        return f"0x{self.choices[0] if self.choices else 0x76:02x}"

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The address."""
        if type(value) is int and self._allows(value):
            return value
        if type(value) is int and 0 <= value <= 0xFFF:
            ja, en = f"0x{value:02x} は、{self.words.ja}ではありません。", f"0x{value:02x} is not {self.words.en}."
            return report.tell(path, Words(ja, en), self._tip(value))
        return refuse(self, value, path, report, self._tip(value))

    def _allows(self, value: int) -> bool:
        return value in self.choices if self.choices else self.low <= value <= self.high

    def _tip(self, value: Any) -> Words | None:
        if isinstance(value, str) and (written := _HEX.fullmatch(half_width(value))):
            right = f"0x{written[1].lower()}"
            return hint(f'{right} と、" " で囲まずに書きます。', f"write {right}, without quotes.")
        if type(value) is not int:
            return None
        if value % 2 == 0 and value > _HIGHEST_ADDRESS and self._allows(value // 2):
            return hint(
                f"0x{value:02x} は 8 ビットの書き方です。0x{value // 2:02x} と書きます。",
                f"0x{value:02x} is the 8-bit form. Write 0x{value // 2:02x}.",
            )
        if 0 <= value < 100 and self._allows(int(str(value), 16)):
            return hint(f"16 進数なら 0x{value} と書きます。", f"a hexadecimal number is written 0x{value}.")
        return None

    def schema(self) -> dict[str, Any]:
        """The range, or the choices."""
        if self.choices:
            return {"enum": list(self.choices)}
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class PortName:
    """A serial port of the machine the agent runs on."""

    example = '"/dev/ttyUSB0"'

    @property
    def words(self) -> Words:
        """The form."""
        return Words('シリアルポート("/dev/ttyUSB0" の形)', 'a serial port (like "/dev/ttyUSB0")')

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The path."""
        if isinstance(value, str) and _PORT.fullmatch(value):
            return value
        return refuse(self, value, path, report, self._tip(value))

    def _tip(self, value: Any) -> Words | None:
        plain = half_width(value).lstrip("./") if isinstance(value, str) else ""
        if re.fullmatch(r"(?:dev/)?(?:tty[A-Za-z]+[0-9]+|serial[0-9])", plain):
            right = "/dev/" + plain.removeprefix("dev/")
            return hint(f'"{right}" と書きます。', f'write "{right}".')
        return None

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": f"^(?:{_PORT.pattern})$"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    example = r"'([0-9.]+)'"

    @property
    def words(self) -> Words:
        """What it is called."""
        return Words("正規表現(文字の型)", "a regular expression")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The pattern as text."""
        if not isinstance(value, str) or not value:
            return refuse(self, value, path, report)
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            return refuse(self, value, path, report, hint(f"Python の返事: {error}", f"Python says: {error}"))
        return value

    def schema(self) -> dict[str, Any]:
        """Any string."""
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Written:
    """Text of a certain form; ``called`` says to people which."""

    form: str
    called: Words
    example: str

    @property
    def words(self) -> Words:
        """What is written so."""
        return self.called

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The text as it stands."""
        if isinstance(value, str) and re.fullmatch(self.form, value):
            return value
        said = half_width(value).strip() if isinstance(value, str) else ""
        right = next((one for one in (said.upper(), said.lower()) if re.fullmatch(self.form, one)), None)
        tip = hint(f'"{right}" と書きます。', f'write "{right}".') if right else None
        return refuse(self, value, path, report, tip)

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": f"^(?:{self.form})$"}


MEASURE = Table(
    called=Words("測定値", "measure"),
    shown="stations.ID.sensors.ID.measures.ID",
    keys=(
        Key("kind", Choice(get_args(MeasureKind)), Words("値の種類", "what the values mean"),
            default_words=Words("ふつうの数", "a plain number")),
        Key("unit", Text(example='"°C"', may_be_empty=True), Words("単位", "unit"), default=""),
        Key("name", Text(example='"炉内温度"'), Words("画面に出る名前", "name shown to people"),
            default_words=Words("id と同じ", "as the id")),
        Key("low", Number(example="0"), Words("信じられる下限(外れても残し、印を付けます)",
                                   "lowest value to be believed (others are kept and flagged)")),
        Key("high", Number(example="100"), Words("信じられる上限", "highest value to be believed")),
        Key("decimals", Number(low=0, high=9, whole=True, example="1"), Words("小数点以下の桁数", "decimals shown")),
    ),
)  # fmt: skip

MEASURES = Named(MEASURE, "stations.ID.sensors.ID.measures.ID")
"""What a sensor whose measures only the user knows (``external``, ``serial_line``) gives."""


def kind_of(setting: Setting) -> Kind:
    """What may stand behind a setting of the catalogue."""
    low, high = setting.low, setting.high
    if setting.kind == "i2c_address":
        choices = tuple(int(str(choice), 0) for choice in setting.choices)
        return I2cAddress(int(low or _LOWEST_ADDRESS), int(high or _HIGHEST_ADDRESS), choices)
    if setting.kind in ("whole", "number", "channel"):
        example = f"{setting.default:g}" if isinstance(setting.default, (int, float)) else "1"
        return Number(low=low, high=high, whole=setting.kind != "number", example=example)
    if setting.choices:
        return Choice(setting.choices)
    if setting.columns:
        keys = (*(key_of(column) for column in setting.columns), *MEASURE.keys)
        return Named(replace(MEASURE, keys=keys), MEASURES.shown)
    if setting.form:
        shown = re.search('"[^"]+"', setting.title.en)
        return Written(setting.form, setting.title, shown[0] if shown else '"…"')
    plain: dict[str, Kind] = {
        "pin": Pin(), "shared_pin": Pin(), "text": Text(free=True), "flag": Flag(), "choice": Choice(()),
        "port": PortName(), "shared_port": PortName(), "pattern": Pattern(), "measures": MEASURES,
    }  # fmt: skip
    return plain[setting.kind]


def key_of(setting: Setting) -> Key:
    """A setting of the catalogue as a key of its table."""
    return Key(setting.key, kind_of(setting), setting.title, setting.default, unit=setting.unit)
