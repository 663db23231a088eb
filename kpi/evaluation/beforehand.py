"""Whether an evaluation was written down before any of its result could be seen; otherwise it is 「参考」."""

from collections.abc import Sequence

from collector.store import Entry
from contract.words import Words
from kpi.evaluation.asking import Question
from kpi.evaluation.doubts import Doubt


def is_late(stands: Sequence[Entry], asked: Question) -> bool:
    """Whether the first registration was made only after the window after had begun."""
    return bool(stands) and stands[0].made > asked.windows.after[0]


def is_reference(stands: Sequence[Entry], asked: Question) -> bool:
    """Whether it is for reference only: not registered, or with part of the result on the screen."""
    return not stands or is_late(stands, asked)


def of_registration(stands: Sequence[Entry], primary: Sequence[str], asked: Question) -> list[Doubt]:
    """What to doubt of it: written down too late or not at all, or beside other figures."""
    if not stands:
        words = Words(
            "参考: この指標と期間は、後の期間が終わる前に登録されていません。",
            "For reference: this figure and these windows were not registered before the window after ended.",
        )
        return [Doubt("not_registered", words)]
    found = []
    if is_late(stands, asked):
        words = Words(
            "参考: 登録は、後の期間が始まってからです。結果の一部を見てから決めた可能性があります。",
            "For reference: it was registered after the window after had begun, so part of the result could be seen.",
        )
        found.append(Doubt("registered_late", words))
    if len(primary) > 1 and primary[0] != asked.figure.kpi:
        words = Words(
            f"同じ期間に先に登録された指標({primary[0]})があります。主な指標はそちらです。",
            f"Another figure ({primary[0]}) was registered first for these windows; that one is primary.",
        )
        found.append(Doubt("not_primary", words))
    return found
