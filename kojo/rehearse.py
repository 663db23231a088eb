"""``kojo rehearse``: every sensor plays its rehearsal on the bench; nothing is wired, nothing is sent."""

from collections.abc import Sequence
from pathlib import Path

from edge.rehearsal import rehearse as play
from edge.sensors import modules
from kojo.sensors import check_type


def rehearse(types: Sequence[str], data: Path) -> int:
    """Rehearse the named sensor types, or all; 0 when all passed, 1 when one failed. Of a named one each scene is told.

    Among all, one whose package is not installed is told and is no failure: this machine does not use it.
    """
    known = modules(data / "sensors")
    for name in types:
        check_type(name, known)
    failed = 0
    for name in types or sorted(known):
        result = play(name, known[name])
        print(result.say(), flush=True)
        for step, scene in enumerate(result.scenes if types else (), 1):
            print(f"  {step}. {scene}", flush=True)
        failed += not (result.passed or (result.lacks is not None and not types))
    return 1 if failed else 0
