"""Questions that cannot be answered, as RFC 9457 problems: a status, a kind, and both languages.

Pure data: `kpi/service_problems.py` turns it into ``application/problem+json``.
"""

from contract.errors import KojoError
from contract.words import Words

__all__ = ["Problem", "unknown"]


class Problem(KojoError, ValueError):
    """What was asked, why it cannot be answered (``what``), what to ask instead (``hint``).

    ``kind`` is a short stable key; ``after_s`` says when to try again.
    """

    def __init__(
        self, status: int, kind: str, what: Words, hint: Words | None = None, after_s: int | None = None
    ) -> None:
        super().__init__(what, hint)
        self.status = status
        self.kind = kind
        self.after_s = after_s


def unknown(what_ja: str, what_en: str, asked: str, known: list[str]) -> Problem:
    """404: there is no such thing; the ones there are."""
    listed = ", ".join(known[:20]) or "-"
    return Problem(
        404,
        "unknown",
        Words(f"{what_ja}「{asked[:64]}」はありません。", f"There is no {what_en} {asked[:64]!r}."),
        Words(f"あるのは: {listed}", f"There are: {listed}"),
    )
