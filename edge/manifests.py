"""Finds the sensor and output files, and says what is missing in one, with file and line.

The kit's own stand in a package; a trainee's stand in a folder (``DIR/sensors``) and need no package, no path, no
registration: the file's name is the ``type``.
"""

import ast
import dataclasses
import importlib
import importlib.util
import pkgutil
import tomllib
import traceback
from collections.abc import Callable, Iterator, Mapping
from itertools import dropwhile, takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

from contract.catalogue import Measure, Part, Wire
from contract.errors import LineError, Mistake
from contract.topics import ID
from contract.words import Words

Problem = tuple[str, Words]
"""The name in the file that is wrong or missing, and what is wrong with it."""


class SensorFileError(LineError):
    """Sensor or output files with mistakes; carries all of them, each with file and line."""


def find(package: ModuleType, extra: Path | None, check: Callable[[ModuleType], Iterator[Problem]]) -> dict[str, Any]:
    """Every module of ``package`` and of the folder ``extra`` by its type, checked.

    Raises SensorFileError with every mistake of every file.
    """
    found: dict[str, ModuleType] = {
        info.name: importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
    }
    mistakes: list[Mistake] = []
    for path in sorted(extra.glob("*.py")) if extra and extra.is_dir() else ():
        if path.stem.startswith("_"):
            continue
        if path.stem in found or not ID.fullmatch(path.stem):
            mistakes.append(_wrong_name(path, path.stem in found))
            continue
        module = _load(path, mistakes)
        if module:
            found[path.stem] = module
            mistakes.extend(Mistake(str(path), _row(path, name), name, what) for name, what in check(module))
    if mistakes:
        raise SensorFileError(mistakes)
    return found


def example(module: ModuleType) -> dict[str, Any]:
    """The table of the docstring's TOML, ``type`` and ``role`` included. Raises ValueError if there is none."""
    lines = (module.__doc__ or "").splitlines()
    block = takewhile(lambda line: line.startswith("    "), dropwhile(lambda line: not line.startswith("    ["), lines))
    tables = tomllib.loads("\n".join(block))
    try:
        station = next(iter(tables["stations"].values()))
        things = station.get("sensors") or station["outputs"]
        table: dict[str, Any] = next(iter(things.values()))
    except (KeyError, StopIteration) as error:
        raise ValueError("the docstring shows no [stations.<id>.sensors.<id>] table") from error
    return table


def about_ja(module: Any) -> str:
    """What the module says of itself in Japanese; empty where it says nothing."""
    return str(getattr(module, "ABOUT_JA", "")).strip()


def problems(module: ModuleType, *, thing: str, verbs: tuple[str, ...]) -> Iterator[Problem]:
    """What a sensor's and an output's file both need; ``thing`` is the settings dataclass's name."""
    if not (module.__doc__ or "").strip():
        yield "", Words("先頭に説明(配線から)を書いてください。", "it begins with a docstring that tells the wiring")
    else:
        yield from _example_problems(module, thing)
    yield from _typed(module, "TITLE", Words, several=False)
    yield from _typed(module, "PARTS", Part)
    yield from _typed(module, "TERMINALS", Wire)
    if not isinstance(getattr(module, "ABOUT_JA", ""), str):
        yield "ABOUT_JA", Words("ABOUT_JA は文章(str)です。", "it is a text (str)")
    yield from _settings_problems(getattr(module, thing, None), thing, verbs)


def measure_problems(module: ModuleType) -> Iterator[Problem]:
    """What is wrong with ``MEASURES``."""
    yield from _typed(module, "MEASURES", Measure)
    measures = getattr(module, "MEASURES", ())
    if not isinstance(measures, tuple):
        return  # said above
    keys = [measure.key for measure in measures if isinstance(measure, Measure)]
    for key in keys:
        if not ID.fullmatch(key):
            yield "MEASURES", Words(f"「{key}」は使えない名前です。", f'"{key}" is not a name (a-z, 0-9, _ and -)')
    if len(set(keys)) < len(keys):
        yield "MEASURES", Words("同じ名前が2回あります。", "a name stands there twice")


def _example_problems(module: ModuleType, thing: str) -> Iterator[Problem]:
    try:
        table = example(module)
    except (ValueError, tomllib.TOMLDecodeError) as error:
        yield "", Words(f"説明の中に line.toml の例がありません({error})。", f"no example of line.toml: {error}")
        return
    name = module.__name__.rpartition(".")[2]
    if table.get("type") != name:
        yield (
            "",
            Words(
                f"例の type は「{name}」です(ファイルの名前)。", f"the example's type is not the file's name, {name}"
            ),
        )
    settings = getattr(module, thing, None)
    if not dataclasses.is_dataclass(settings):
        return
    known = {f.name for f in dataclasses.fields(settings)} | {"type", "role"}
    for key in table.keys() - known:
        yield "", Words(f"例の「{key}」は設定にありません。", f'the example\'s "{key}" is no setting')


def _settings_problems(settings: Any, thing: str, verbs: tuple[str, ...]) -> Iterator[Problem]:
    if not (isinstance(settings, type) and dataclasses.is_dataclass(settings)):
        yield thing, Words(f"dataclass「{thing}」がありません。", f"there is no dataclass {thing}")
        return
    if not settings.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        yield thing, Words("@dataclass(frozen=True, kw_only=True) にしてください。", "it is not frozen")
    for field in dataclasses.fields(settings):
        if "setting" not in field.metadata:
            yield (
                thing,
                Words(f"「{field.name}」は setting() で作ります。", f"{field.name} is not made by setting()"),
            )
    for verb in verbs:
        if not callable(getattr(settings, verb, None)):
            yield thing, Words(f"「{verb}」がありません。", f"it has no {verb}()")


def _typed(module: ModuleType, name: str, kind: type, several: bool = True) -> Iterator[Problem]:
    value = getattr(module, name, None)
    good = isinstance(value, tuple) and all(isinstance(v, kind) for v in value) if several else isinstance(value, kind)
    if not good:
        wanted = f"tuple[{kind.__name__}, ...]" if several else kind.__name__
        yield name, Words(f"{wanted} がありません。", f"it is missing, or no {wanted}")


def _wrong_name(path: Path, taken: bool) -> Mistake:
    what = (
        Words(f"種類「{path.stem}」はキットにもうあります。", f'the kit already has a type "{path.stem}"')
        if taken
        else Words(f"「{path.stem}」は種類の名前に使えません。", f'"{path.stem}" cannot be a type')
    )
    hint = Words(
        "ファイルの名前を変えてください(a-z, 0-9, _ , -)。", "Hint: rename the file (a-z, 0-9, _ and - are allowed)."
    )
    return Mistake(str(path), 1, "", what, hint)


def _load(path: Path, mistakes: list[Mistake]) -> ModuleType | None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        what = Words(f"書き方の誤りです({error.msg})。", f"it is not Python: {error.msg}")
        mistakes.append(Mistake(str(path), error.lineno or 1, "", what))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a trainee's file may raise anything; told with its line
        rows = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        said = f"{type(error).__name__}: {error}"
        what = Words(f"読み込めません({said})。", f"it cannot be loaded: {said}")
        mistakes.append(Mistake(str(path), (rows or [1])[-1] or 1, "", what))
    else:
        return module
    return None


def _row(path: Path, name: str) -> int:
    """Where ``name`` is set at the top level of the file; 1 if nowhere."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node.lineno
        targets: Mapping[str, int] = {
            target.id: node.lineno
            for target in (node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)])
            if isinstance(target, ast.Name)
        }
        if name in targets:
            return targets[name]
    return 1
