"""Text stands out from its ground: WCAG AA (4.5 to 1) in the light and the dark scheme."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "dashboards" / "web" / "css" / "colours.css").read_text()
AA = 4.5
LARGE = 3.0
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("paper", "ground")),
    *((f"on-{state}", state) for state in ("minor_stop", "downtime")),
    *((f"{state}-ink", f"{state}-tint") for state in ("run", "planned_stop", "no_shift")),
    *(("no_data-ink", hatch) for hatch in ("hatch-a", "hatch-b")),
    *((ink, "paper") for ink in ("late", "ahead", "before", "after")),
    ("on-virtual", "virtual"),
    ("on-accent", "accent"),
    ("on-alarm", "alarm"),
]
SHAPES = [
    *((f"on-{state}", state) for state in ("run", "planned_stop", "no_shift", "no_data")),
    ("bar-latest", "paper"),
    ("ink", "track"),
]


def scheme(name: str) -> dict[str, str]:
    """The colours of a scheme; the dark one overrides the light one."""
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if name == "dark" else found


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Between 1 and 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read(name: str) -> None:
    colours = scheme(name)
    poor = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in TEXT}
    assert {pair: c for pair, c in poor.items() if c < AA} == {}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_shapes_and_bars_can_be_seen(name: str) -> None:
    colours = scheme(name)
    poor = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in SHAPES}
    assert {pair: c for pair, c in poor.items() if c < LARGE} == {}
