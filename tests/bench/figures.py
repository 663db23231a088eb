"""A measured figure, the limit it is held to, and the table they are printed in."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``passed`` None: shown for its own sake, held to nothing."""

    name: str
    value: str
    beside: str = ""
    limit: str = ""
    passed: bool | None = None

    def row(self) -> tuple[str, ...]:
        """The cells of the table."""
        mark = {None: "", True: "ok", False: "SHORT"}[self.passed]
        return (self.name, self.value, self.beside, self.limit, mark)


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [("figure", "measured", "beside it, same run", "limit", ""), *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """Median and range: ``0.71 (0.66 to 0.74)``."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{form.format(middle)} ({form.format(low)} to {form.format(high)})"
