"""Reads a line file: TOML, then each key, then the line as a whole; every mistake at once."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from contract.catalogue import Catalogue, Measure
from contract.errors import LineError, NotAllowed, NotThere
from contract.line import Line
from contract.line_build import build
from contract.line_keys import headers, line_table
from contract.line_report import WRONG, Report, did_you_mean
from contract.line_syntax import not_utf8, parse
from contract.line_whole import check_whole
from contract.reading import Series
from contract.words import Words

_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read(path: Path, catalogue: Catalogue) -> Line:
    """The line a file describes. Raises LineError with every mistake, NotThere, NotAllowed."""
    return check(text_of(path), catalogue, str(path), path)


def check(text: str, catalogue: Catalogue, file: str = "line.toml", path: Path | None = None) -> Line:
    """The line a text describes; ``file`` is what mistakes call it. Raises LineError with every mistake."""
    raw, places = parse(text, file)
    table = line_table(catalogue)
    report = Report(file, places, headers(table, catalogue))
    draft = table.read(raw, (), report)
    if draft is not WRONG:
        check_whole(draft, raw, report)
    if report.mistakes:
        raise LineError(report.mistakes)
    return build(draft, places, path, text)


def measure_of(line: Line, series: Series) -> Measure | None:
    """The measure a series names; None if the line does not know it."""
    return line.measure(series)


def text_of(path: Path) -> str:
    """What a TOML file of a person's says. Raises LineError where it is not UTF-8, NotThere, NotAllowed."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise NotThere(
            Words(f"ファイル {path} がありません。", f"There is no file {path}."), _other_file(path)
        ) from error
    except IsADirectoryError as error:
        raise NotThere(
            Words(f"{path} はフォルダーで、ファイルではありません。", f"{path} is a folder, not a file."),
            did_you_mean(str(path / "line.toml")),
        ) from error
    except PermissionError as error:
        raise NotAllowed(
            Words(f"ファイル {path} を読む権限がありません。", f"We may not read {path}."),
            Words("持ち主か権限を直してください。", "Put its owner or its rights right."),
        ) from error
    except OSError as error:
        raise NotThere(Words(f"ファイル {path} を読めません({error})。", f"{path} cannot be read: {error}.")) from error
    return _decoded(data, path)


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode(_MARKS.get(data[:2], "utf-8-sig"))
    except UnicodeDecodeError as error:
        raise not_utf8(data, error.start, str(path)) from error


def _other_file(path: Path) -> Words:
    folder = path.parent
    try:
        names = [other.name for other in folder.iterdir() if other.suffix == ".toml"] if folder.is_dir() else []
    except OSError:
        names = []
    near = get_close_matches(path.name, names, n=1, cutoff=0.5)
    if near:
        return did_you_mean(str(folder / near[0]))
    return Words("「kojo init」で新しいファイルを作れます。", "Hint: `kojo init` writes a new one.")
