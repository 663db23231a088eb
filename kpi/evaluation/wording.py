"""Amounts as people read them: 「17.1 秒」, 「5.7 ポイント」, with as many decimals as the difference deserves."""

from dataclasses import dataclass

UNITS_JA = {"s": " 秒", "ratio": " %", "pieces": " 個", "pieces/h": " 個/時", "times": " 回"}
UNITS_EN = {"s": " s", "ratio": " %", "pieces": " pcs", "pieces/h": " pcs/h", "times": " times"}
MOST_DECIMALS = 3
MINUS = "\u2212"


def signed(value: float, decimals: int) -> str:
    """With its sign, the minus as in every amount; what rounds to 0 is +0."""
    shown = round(value, decimals) + 0.0
    return f"{MINUS if shown < 0 else '+'}{abs(shown):.{decimals}f}"


@dataclass(frozen=True, slots=True)
class Amount:
    """How amounts of one unit are written; ``scale``: the difference that must be seen in them."""

    unit: str
    scale: float | None = None

    @property
    def decimals(self) -> int:
        """One, or as many as show a small difference; none of what is in the hundreds."""
        size = abs(self.scale or 0.0) * (100 if self.unit == "ratio" else 1)
        decimals = 1
        while 0 < size < 10**-decimals and decimals < MOST_DECIMALS:
            decimals += 1
        return 0 if size >= 100 or (self.unit == "pieces/h" and size >= 10) else decimals

    def moves(self, value: float) -> bool:
        """Whether anything is seen of a difference."""
        return any(digit in self.number(value) for digit in "123456789")

    def number(self, value: float, *, sign: bool = False) -> str:
        """Without its unit; a ratio in per cent."""
        shown = round(value * (100 if self.unit == "ratio" else 1), self.decimals) + 0.0
        text = f"{abs(shown):,.{self.decimals}f}"
        return (MINUS if shown < 0 else "+" if sign and shown > 0 else "") + text

    def ja(self, value: float, *, sign: bool = False) -> str:
        """In Japanese, with its unit; a difference of ratios (``sign``) in ポイント."""
        unit = " ポイント" if self.unit == "ratio" and sign else UNITS_JA[self.unit]
        return self.number(value, sign=sign) + unit

    def en(self, value: float, *, sign: bool = False) -> str:
        """In English, with its unit; a difference of ratios (``sign``) in points."""
        unit = " points" if self.unit == "ratio" and sign else UNITS_EN[self.unit]
        return self.number(value, sign=sign) + unit
