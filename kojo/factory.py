"""``kojo factory``: virtual factories to hunt in, with planted problems and traps (`curriculum.factories`).

    kojo factory list
    kojo factory observe washing
    kojo factory open washing --data hunt
    kojo factory improve hunt auto-wash
    kojo factory grade hunt hunt/answers.toml
    kojo factory answers washing --facilitator

Everything it makes is virtual data (仮想データ), and every page says so.
"""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from contract.errors import NotAllowed, NotThere
from contract.line import Line
from contract.line import load as load_line
from contract.whole_file import write_whole
from contract.words import Words
from curriculum.factories.asking import evaluated, figure_for, report_command
from curriculum.factories.book import factories, load
from curriculum.factories.day import Day, line_of, working_days
from curriculum.factories.directory import KEPT, LINE, Made, begin, improve, plan
from curriculum.factories.expected import FIRST
from curriculum.factories.life import Asked
from curriculum.factories.notes import blank, book_range, graded, read_notes, told
from curriculum.factories.pages import book, text
from curriculum.factories.watching import Seen, sheets, watch
from curriculum.sheets.blank import twin
from curriculum.sheets.form import form
from edge.sensors import catalogue
from kojo.paper import check_place, put
from kojo.report_ask import asking
from kpi.problems import Problem

ANSWERS = "answers.toml"
DAYS, SEED = 10, 1
MOST_CYCLES = 60
BEGIN = time(9, 0)


def listed() -> int:
    """Every factory: its story in a line, and what may be brought in."""
    for factory in factories():
        print(f"{factory.id:10}{factory.name}")
        for worry in factory.worries:
            print(f"    - {worry}")
        print(f"    {Words('改善', 'improvements')}: {', '.join(one.id for one in factory.improvements)}")
        print(f"    {Words('落とし穴', 'traps')}: {len(factory.traps)}")
    print(Words("次へ: kojo factory observe washing、kojo factory open washing --data hunt",
                "Next: kojo factory observe washing, kojo factory open washing --data hunt"))  # fmt: skip
    return 0


@dataclass(frozen=True, slots=True)
class First:
    """How the days before are asked for; None is what is usual, or what was said when it was opened."""

    days: int | None = None
    seed: int | None = None
    trap: str | None = None
    own: Path | None = None
    start: date | None = None


def open_(name: str, data: Path, first: First, ended: Asked) -> int:
    """Make the days before. Raises KeyboardInterrupt where it is ended."""
    factory, own = load(name), first.own
    line = line_of(name) if own is None else load_line(own, catalogue())
    if (data / KEPT).exists():
        made = _again(data, name, line, first)
    else:
        days, seed = DAYS if first.days is None else first.days, SEED if first.seed is None else first.seed
        made = plan(name, line, seed=seed, trap=first.trap, days=days, start=first.start, now=_today())
    _say(Words(f"{factory.name.ja}(仮想データ)を開いています…", f"Opening {factory.name.en} (virtual data) …"))
    with _going_on_later(ended):
        made = begin(data, made, own, _progress, ended)
    if not (data / ANSWERS).exists():
        write_whole(data / ANSWERS, blank(factory))
    print(factory.story)
    for worry in factory.worries:
        print(f"- {worry}")
    before = made.stays[0].days
    print(Words(f"対策の前: {before[0]} から {before[-1]} まで {len(before)} 日",
                f"Before any measure: {len(before)} days, {before[0]} to {before[-1]}"))  # fmt: skip
    if made.trap is not None:
        host = factory.improvement(factory.trap(made.trap).played_with)
        print(Words(f"工場は「{host.name.ja}」({host.id})を入れたいそうです。",
                    f"The host would like to bring in: {host.name.en} ({host.id})"))  # fmt: skip
    print(
        Words(
            f"見る: kojo serve --line {data}/{LINE} --data {data}",
            f"look: kojo serve --line {data}/{LINE} --data {data}",
        )
    )
    names = ", ".join(one.id for one in factory.improvements)
    print(
        Words(
            f"改善を入れる: kojo factory improve {data} 名前({names})",
            f"improve: kojo factory improve {data} WHAT ({names})",
        )
    )
    return 0


def _again(data: Path, name: str, line: Line, first: First) -> Made:
    """What was opened there, for its missing days. Raises NotAllowed where something else is asked for now."""
    there = Made.read(data)
    if there.factory != name or len(there.stays) > 1:
        raise NotAllowed(
            Words(
                f"{data} にはもう仮想工場({there.factory})があります。",
                f"{data} holds a factory already: {there.factory}.",
            ),
            Words("--data で新しい場所を付けてください。", "Name a new place with --data."),
        )
    if _asks_otherwise(data, there, line, first):
        days = there.stays[0].days
        raise NotAllowed(
            Words(
                f"{data} は {days[0]} から {len(days)} 日、--seed {there.seed} で開いてあり、変えられません。",
                f"{data} was opened before ({len(days)} days from {days[0]}, --seed {there.seed}) and stays so.",
            ),
            Words(
                "続きを作るなら --data だけを付け、別に作るなら --data で新しい場所を付けてください。",
                "To go on with it give --data alone; for another one name a new place with --data.",
            ),
        )
    if first.trap is not None:  # said of every trap alike: it must not be told which one is there
        _say(Words("--trap は、初めに開いたときのままです。", "--trap stays what it was when it was opened first."))
    return there


def _asks_otherwise(data: Path, there: Made, line: Line, first: First) -> bool:
    kept, days = data / LINE, there.stays[0].days
    if first.own is not None and kept.exists() and first.own.read_bytes() != kept.read_bytes():
        return True
    if first.days is None and first.seed is None and first.start is None:
        return False
    asked = plan(
        there.factory,
        load_line(kept, catalogue()) if kept.exists() else line,
        seed=there.seed if first.seed is None else first.seed,
        trap=there.trap,
        days=len(days) if first.days is None else first.days,
        start=first.start or days[0],
        now=_today(),
    )
    return asked != there


def improved(data: Path, what: str, days: int, ended: Asked) -> int:
    """Bring it in, and make the days after. Raises KeyboardInterrupt where it is ended."""
    _say(Words("改善を入れて、その後の日を作っています…", "Bringing it in, and making the days after …"))
    with _going_on_later(ended):
        made = improve(data, what, days, _today(), _progress, ended)
    one, after = made.book.improvement(what), made.stays[-1].days
    print(Words(f"{one.name.ja}: {one.what.ja}({one.yen:,} 円)", f"{one.name.en}: {one.what.en} ({one.yen:,} yen)"))
    print(Words(f"対策の後: {after[0]} から {after[-1]} まで {len(after)} 日",
                f"After it: {len(after)} days, {after[0]} to {after[-1]}"))  # fmt: skip
    print(Words("評価する:", "evaluate:"), report_command(made, str(data), figure_for(made)))
    others = ", ".join(f"{figure.station}/{figure.path}" for figure in made.book.figures)
    print(Words(f"  何を見るかはチームで決めます(--station と --kpi): {others}",
                f"  the team decides what to look at (--station and --kpi): {others}"))  # fmt: skip
    print(Words(f"気づきを書く: {data / ANSWERS}", f"write down what you noticed: {data / ANSWERS}"))
    return 0


def observed(where: str, cycles: int, seed: int, to: Path | None) -> int:
    """Stand there with a stopwatch."""
    if not 1 <= cycles <= MOST_CYCLES:
        raise NotThere(Words(f"--cycles は 1 から {MOST_CYCLES} までです。", f"--cycles is 1 to {MOST_CYCLES}."))
    if to is not None and not to.parent.is_dir():
        raise NotThere(
            Words(f"フォルダー {to.parent} がありません。", f"There is no folder {to.parent}."),
            Words("先に作るか、別の場所を --to で指してください。", "Make it, or name another place with --to."),
        )
    day, own = _day_to_see(where, seed)
    line = line_of(day.factory) if own is None else load_line(own, catalogue())
    seen = watch(day, line, cycles)
    _show(seen)
    written = sheets(seen, datetime.combine(day.date, BEGIN))
    if to is not None:
        for number, sheet in enumerate(written, 1):
            file = to if len(written) == 1 else to.with_stem(f"{to.stem}-{number}")
            _keep(file, twin(form("S4"), sheet))
    return 0


def _day_to_see(where: str, seed: int) -> tuple[Day, Path | None]:
    """A factory by name, as it is before anything; or by its directory, on its last day."""
    if (Path(where) / KEPT).exists():
        made = Made.read(Path(where))
        return made.planned(made.stays[-1])[-1], Path(where) / LINE
    load(where)
    return Day(where, working_days(line_of(where), FIRST, 1)[0], seed, "before"), None


def _show(seen: Seen) -> None:
    names = [str(name) for _, name in seen.book.elements]
    print(f"【{Words('仮想データ', 'virtual data')}】 {seen.name}  {seen.day}  {Words('単位: 秒', 'in seconds')}")
    print("\t".join([str(Words("回", "cycle")), *names, str(Words("✻の理由", "why *"))]))
    for number, cycle in enumerate(seen.cycles, 1):
        readings = [cycle.readings[element] for element, _ in seen.book.elements]
        marks = [f"{r.seconds:.1f}{'*' if r.why else ''}" for r in readings]
        print("\t".join([str(number), *marks, "、".join(str(r.why) for r in readings if r.why)]))
    medians = [seen.median_s(element) for element, _ in seen.book.elements]
    shown = ["-" if m is None else f"{m:.1f}" for m in medians]
    print("\t".join([str(Words("中央値", "median")), *shown, str(Words("(*を除く)", "(without *)"))]))


def answers(name: str, facilitator: bool, to: Path | None, replace: bool) -> int:
    """The answer book; only for who says that they facilitate."""
    if not facilitator:
        raise NotAllowed(
            Words("答えの書は進行役のものです。", "The answer book is the facilitators'."),
            Words("進行役なら --facilitator を付けてください。", "If you are one, add --facilitator."),
        )
    factory = load(name)
    if to is None:
        _lines(text(factory))
        return 0
    check_place(to, replace)
    put(book(factory), to)
    print(Words(f"{to} に書きました。", f"Wrote {to}."))
    return 0


def grade(data: Path, file: Path) -> int:
    """What a team noticed, beside the book and the kit's own evaluation."""
    made, notes = Made.read(data), read_notes(file)
    with asking(data / LINE, data, None) as ask:
        try:
            looked_at = notes.figure or figure_for(made)
            found = evaluated(ask, made, looked_at)
        except Problem as refused:
            raise NotThere(refused.what, refused.hint) from refused
    print(
        Words(
            f"{notes.team or 'チーム'} の「気づき」(仮想データ)",
            f"What {notes.team or 'the team'} noticed (virtual data)",
        )
    )
    if notes.figure is None:
        at = f"{looked_at.station}/{looked_at.path}"
        print(Words(f"何を見たか(figure)が空いているので、{at} で見ています。",
                    f"What you looked at (figure) is left open; this is by {at}."))  # fmt: skip
    _lines(told(graded(notes, made, found)))
    spread = book_range(made, looked_at)
    if spread is not None:
        print(f"  {spread}")
    print(Words(f"  キット: {found['statement_ja']}", f"  the kit: {found['statement_en']}"))
    print(Words("数字が合うことより、何に気づいたかが大事です。", "What you noticed matters more than the number."))
    return 0


def _lines(lines: Iterable[str]) -> None:
    print("\n".join(lines))


def _keep(file: Path, made: str) -> None:
    if file.exists():
        raise NotAllowed(
            Words(f"{file} はもうあります。上書きはしません。", f"{file} exists already; it is not written over.")
        )
    try:
        write_whole(file, made)
    except OSError as error:
        what = Words(f"{file} に書けません({error.strerror})。", f"{file} cannot be written ({error.strerror}).")
        raise NotAllowed(what) from error
    print(Words(f"{file} に書きました。", f"Wrote {file}."))


@contextlib.contextmanager
def _going_on_later(ended: Asked) -> Iterator[None]:
    """Whoever ends it is told that nothing is lost."""
    try:
        if ended(0):  # while it was read what a factory is
            raise KeyboardInterrupt
        yield
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)
        _say(Words("途中で止めました。できた日は残っています。同じ言葉をもう一度打つと、続きから作ります。",
                   "Ended. The days that are done are kept; type the same again to go on from there."))  # fmt: skip
        raise


def _today() -> date:
    return datetime.now().astimezone().date()


def _say(words: Words) -> None:
    print(words, file=sys.stderr, flush=True)


def _progress(done: int, of: int) -> None:
    """One line that renews itself on a terminal; elsewhere its end only."""
    if sys.stderr.isatty():
        print(Words(f"\r  {done}/{of} 日", f"\r  {done}/{of} days"), file=sys.stderr, end="\n" if done == of else "")
    elif done == of:
        _say(Words(f"  {done}/{of} 日", f"  {done}/{of} days"))
    sys.stderr.flush()
