"""A phase's name in the floor's words, as the pages have it (`phase_…` of dashboards/web/js/words.js); a test compares.

A phase the kit does not know is called by the name of its sensor (line.toml), else as line.toml spells it.
"""

from contract.line import Line
from contract.words import Words

KNOWN = {
    "wash": Words("洗浄", "wash"),
    "load": Words("取付", "load"),
    "unload": Words("取出", "unload"),
}


def phase_said(phase: str, line: Line | None = None, station: str = "") -> Words:
    """「洗浄」 for ``wash``."""
    if phase in KNOWN:
        return KNOWN[phase]
    sensors = line.stations[station].with_role("phase") if line is not None and station in line.stations else ()
    named = next((s.name for s in sensors if s.role is not None and s.role.name == phase and s.name), phase)
    return Words(named, named)
