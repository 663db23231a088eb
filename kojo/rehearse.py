"""``kojo rehearse``: every sensor plays its rehearsal on the bench; nothing is wired, nothing is sent."""

from collections.abc import Sequence
from pathlib import Path

from contract.errors import NotThere
from contract.words import Words
from edge.rehearsal import rehearse as play
from edge.sensors import modules


def rehearse(types: Sequence[str], data: Path) -> int:
    """Rehearse the named sensor types, or all; 0 when all passed, 1 when one failed."""
    known = modules(data / "sensors")
    unknown = [name for name in types if name not in known]
    if unknown:
        raise NotThere(
            Words(f"センサーの種類「{unknown[0]}」はありません。", f'There is no sensor type "{unknown[0]}".'),
            Words(f"あるもの: {', '.join(sorted(known))}", f"There are: {', '.join(sorted(known))}."),
        )
    failed = 0
    for name in types or sorted(known):
        result = play(name, known[name])
        print(result.say(), flush=True)
        failed += not result.passed
    return 1 if failed else 0
