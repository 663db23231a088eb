"""``kojo sheet``: the sheets of the courses, on paper and as files that the kit reads.

    kojo sheet list
    kojo sheet print S6 --to S6.pdf
    kojo sheet blank S20 --to s20.toml
    kojo sheet check s20.toml
    kojo sheet line s20.toml s6.toml --to line.toml

What a sheet is and what is made of it: `curriculum.sheets`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from contract.errors import LineError, Mistake, NotAllowed, NotThere
from contract.whole_file import write_whole
from contract.words import Words
from curriculum.sheets import blank as blanks
from curriculum.sheets.checks import further
from curriculum.sheets.filled import Filled, read
from curriculum.sheets.form import DAYS, Form, form, forms, of_day
from curriculum.sheets.printed import page, pages
from kojo.paper import READABLE, check_place, put
from kpi.report.markup import Html


def listed() -> int:
    """Every sheet, who fills it in and when."""
    for one in forms().values():
        days = "".join(day if day in one.days else "·" for day in DAYS)
        print(
            Words(
                f"{one.id:>3}  {days}  {one.title.ja}({one.who.ja}。{one.when.ja})",
                f"{one.id:>3}  {days}  {one.title.en} ({one.who.en}; {one.when.en})",
            )
        )
    print(
        Words(
            "A 入門、B アイデアソン、C ハッカソン、D 工場リアルハッカソン",
            "A first course, B idea day, C building day, D at the factory",
        )
    )
    return 0


def printed(what: Sequence[str], day: str | None, to: Path, replace: bool) -> int:
    """Print sheets: ids, filled files, a day's, or (with nothing said) all."""
    check_place(to, replace)
    made = [page(one) for one in of_day(day)] if day else []
    made += [_one(word) for word in what]
    if not made:
        made = [page(one) for one in forms().values()]
    put(pages(made), to)
    print(Words(f"{to} に書きました(帳票 {len(made)} 枚)。", f"Wrote {to} ({len(made)} sheets)."))
    return 0


def _one(word: str) -> Html:
    if Path(word).suffix.lower() in (".toml", ".csv"):
        filled = read(Path(word))
        return page(filled.form, filled.written)
    return page(form(word))


def blank(id: str, to: Path | None) -> int:
    """Write a twin to fill in."""
    of = form(id)
    return wrote(to or Path(blanks.file_name(of)), _fitting(of, to, blanks.blank(of)))


def _fitting(of: Form, to: Path | None, text: str) -> str:
    if to is not None and to.suffix.lower() != f".{of.twin}":
        raise NotThere(
            Words(f"{of.id} は .{of.twin} のファイルです。", f"{of.id} is a .{of.twin} file."),
            Words(f"--to {blanks.file_name(of)} のように書いてください。", f"Write --to {blanks.file_name(of)}."),
        )
    return text


def wrote(to: Path, text: str) -> int:
    """Write a file that was not there. Raises NotAllowed, NotThere."""
    if to.exists() or to.is_symlink():
        raise NotAllowed(
            Words(f"{to} はもうあります。上書きはしません。", f"{to} exists already; it is not written over."),
            Words("別の名前を --to で付けてください。", "Give another name with --to."),
        )
    if not to.parent.is_dir():
        raise NotThere(
            Words(f"フォルダー {to.parent} がありません。", f"There is no folder {to.parent}."),
            Words("先に作るか、別の場所を --to で指してください。", "Make it, or name another place with --to."),
        )
    try:
        write_whole(to, text, READABLE)
    except OSError as error:
        what = Words(f"{to} に書けません({error.strerror})。", f"{to} cannot be written ({error.strerror}).")
        raise NotAllowed(what) from error
    print(Words(f"{to} に書きました。", f"Wrote {to}."))
    return 0


def expanded(files: Sequence[Path]) -> list[Path]:
    """The files that were named, once each; ``*.csv`` is looked up here where the shell does not do it (Windows)."""
    found = []
    for file in files:
        pattern = any(sign in file.name for sign in "*?[") and not file.exists()
        found += (sorted(file.parent.glob(file.name)) if pattern else []) or [file]
    return list(dict.fromkeys(found))


def check(files: Sequence[Path]) -> int:
    """All mistakes of all files, then exit code 2; or that there are none."""
    mistakes: list[Mistake] = []
    for file in expanded(files):
        try:
            filled = read(file)
            found = further(filled)
        except LineError as error:
            found = list(error.mistakes)
        except (NotThere, NotAllowed) as error:
            found = [Mistake(str(file), 1, "", error.what, error.hint)]
        mistakes += found
        if not found:
            _fine(file, filled)
    if mistakes:
        raise LineError(mistakes)
    return 0


def _fine(file: Path, filled: Filled) -> None:
    of = filled.form
    many = sum(len(rows) for rows in filled.tables.values())
    ja, en = (f"、{many} 行", f", {many} rows") if of.tables else ("", "")
    print(
        Words(f"{file}: {of.id} {of.title.ja}として読めます{ja}。", f"{file}: {of.id} {of.title.en}, no mistakes{en}.")
    )
    for column in filled.unread:
        word = Words(f"{file}: 列「{column}」は使いません。", f"{file}: nobody reads the column {column!r}.")
        print(word, file=sys.stderr)
