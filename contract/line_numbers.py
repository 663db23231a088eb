"""Numbers as they stand in line.toml."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from contract.line_kinds import Text, refuse
from contract.line_places import Path
from contract.line_report import Report, half_width, hint
from contract.reading import MAX_NUMBER
from contract.words import Words

_COUNTED = re.compile("[百千万億]")
"""Japanese numerals behind a number: 20万 is not 20."""


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number. ``above`` excludes its bound; ``or_zero`` also lets 0 stand where ``low`` is higher."""

    low: float | None = None
    high: float | None = None
    above: float | None = None
    whole: bool = False
    or_zero: bool = False
    named: Words | None = None
    example: str = "60"

    @property
    def words(self) -> Words:
        """What the bounds leave."""
        if self.named:
            return self.named
        ja, en = ("整数", "a whole number") if self.whole else ("数", "a number")
        if self.low is not None and self.high is not None:
            return Words(f"{self.low:g}〜{self.high:g} の{ja}", f"{en} from {self.low:g} to {self.high:g}")
        if self.above is not None:
            return Words(f"{self.above:g} より大きい{ja}", f"{en} above {self.above:g}")
        if self.high is not None:
            return Words(f"{self.high:g} 以下の{ja}", f"{en} up to {self.high:g}")
        if self.low is None:
            return Words(ja, en)
        if self.or_zero:
            return Words(f"0 か {self.low:g} 以上の{ja}", f"0 or {en} from {self.low:g}")
        return Words(f"{self.low:g} 以上の{ja}", f"{en} from {self.low:g}")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The number: whole ones as int, others as float."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self._allows(value):
            return refuse(self, value, path, report, self._tip(value))
        return value if self.whole else float(value)

    def _allows(self, value: float) -> bool:
        return (
            not (self.whole and isinstance(value, float))
            and -MAX_NUMBER <= value <= MAX_NUMBER
            and (self._within(value) or (self.or_zero and value == 0))
        )

    def _within(self, value: float) -> bool:
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
        )

    def _tip(self, value: Any) -> Words | None:
        if isinstance(value, str):
            number = re.match(r"[+-]?[0-9]+(\.[0-9]+)?(?![0-9a-zA-Z]*x)", half_width(value))
            if number and not _COUNTED.search(value):
                return hint(
                    f'数だけを、" " で囲まずに書きます: {number[0]}(単位はキーの名前にあります)。',
                    f"write only the number, without quotes: {number[0]} (the unit is in the key).",
                )
        if self.whole and isinstance(value, float) and math.isfinite(value) and value == int(value):
            return hint(f"{int(value)} と書きます。", f"write {int(value)}.")
        return None

    def schema(self) -> dict[str, Any]:
        """Type and bounds."""
        bounds: dict[str, Any] = {"type": "integer" if self.whole else "number"}
        if self.low is not None:
            bounds["minimum"] = self.low
        if self.high is not None:
            bounds["maximum"] = self.high
        if self.above is not None:
            bounds["exclusiveMinimum"] = self.above
        return {"anyOf": [{"const": 0}, bounds]} if self.or_zero else bounds


@dataclass(frozen=True, slots=True)
class Exactly:
    """One number and no other: the version of the file's own form."""

    number: int

    @property
    def words(self) -> Words:
        """The number."""
        return Words(f"このキットが読める版({self.number})", f"a version this kit reads ({self.number})")

    @property
    def example(self) -> str:
        """The number."""
        return str(self.number)

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The number itself."""
        if type(value) is int and value == self.number:
            return value
        return refuse(
            self, value, path, report, hint(f"{self.number} と書きます。新しい版のファイルなら、キットを新しくします。",
                                            f"write {self.number}. A newer file needs a newer kit.")
        )  # fmt: skip

    def schema(self) -> dict[str, Any]:
        """A constant."""
        return {"const": self.number}


_COUNTED = re.compile("[百千万億]")
"""Japanese numerals behind a number: 20万 is not 20."""


@dataclass(frozen=True, slots=True)
class NumberOrText:
    """What an output is set to."""

    example = "1"

    @property
    def words(self) -> Words:
        """Either."""
        return Words("数か文字", "a number or text")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """A float or a str."""
        return (Text() if isinstance(value, str) else Number()).read(value, path, report)

    def schema(self) -> dict[str, Any]:
        """Either."""
        return {"type": ["number", "string"]}
