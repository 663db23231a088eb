"""``kojo pack``: the facilitator's pack on A4, and its days for a date that is given."""

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from contract.errors import NotThere
from contract.words import Words, language
from curriculum.pack.papers import names, papers
from curriculum.pack.timeline import WEEKENDS, WHO, dated, holidays, legend, shown, timeline
from kojo.paper import found_browser
from kojo.paper_folder import Browser, put_papers


def print_papers(
    to: Path,
    held: date | None,
    only: Sequence[str],
    *,
    listed: Path | None = None,
    html: bool = False,
    replace: bool = False,
    browser: Browser = found_browser,
) -> int:
    """Write the papers asked for (all of them, if none is named) into a folder, in the language spoken.

    ``listed``: a CSV of public holidays. Raises NotThere for a paper that does not exist or without a browser,
    NotAllowed where one is there already, LineError with every mistake of that CSV.
    """
    wanted = _wanted(only)
    rest = holidays(listed) if listed is not None else WEEKENDS
    put_papers(to, wanted, lambda: papers(language(), held, wanted, rest), html=html, replace=replace, browser=browser)
    return 0


def print_calendar(held: date, listed: Path | None = None) -> int:
    """Say what is to be done when, for a class held on that day. ``listed``: a CSV of public holidays."""
    rest = holidays(listed) if listed is not None else WEEKENDS
    print(Words(f"講座の日: {shown(held)}", f"the class: {held:%a %Y-%m-%d}"))
    for step, day, marks in dated(timeline(), held, rest):
        star = f" {marks}" if marks else ""
        print(
            Words(
                f"{step.named.ja}\t{shown(day)}{star}\t{WHO[step.who].ja}\t{step.what.ja}",
                f"{step.named.en}\t{day:%a %Y-%m-%d}{star}\t{WHO[step.who].en}\t{step.what.en}",
            )
        )
    print(legend(rest))
    return 0


def _wanted(only: Sequence[str]) -> Sequence[str]:
    known = names()
    for name in only:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise NotThere(
                Words(f"--only {name}: その紙はありません。", f"--only {name}: there is no such paper."),
                Words(f"「{near[0]}」ではありませんか。", f'Did you mean "{near[0]}"?')
                if near
                else Words(f"あるもの: {'、'.join(known)}", f"There are: {', '.join(known)}"),
            )
    return [name for name in known if not only or name in only]
