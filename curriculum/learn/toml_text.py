"""A table as TOML text: what is needed to write parts of a line.toml again, under another heading.

rows(("stations", "d3-mine"), {"name": "検査台", "sensors": {"done": {"pin": 23}}})
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def rows(heading: Sequence[str], table: Mapping[str, Any]) -> Iterator[str]:
    """The table, its own settings first, then the tables in it. Values are those that ``tomllib`` gives."""
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    listed = {key: value for key, value in table.items() if _is_tables(value)}
    own = {key: value for key, value in table.items() if key not in inner and key not in listed}
    if own or not inner:
        yield from _block(f"[{_path(heading)}]", own)
    for key, value in inner.items():
        yield from rows((*heading, key), value)
    for key, tables in listed.items():
        for one in tables:
            yield from _block(f"[[{_path((*heading, key))}]]", one)


def value_text(value: object) -> str:
    """One value: text, number, true or false, a list, or a table within a row. Raises TypeError."""
    match value:
        case str() | bool():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return repr(value)
        case list():
            return f"[{', '.join(map(value_text, value))}]"
        case dict():
            return f"{{ {', '.join(f'{_key(key)} = {value_text(one)}' for key, one in value.items())} }}"
    raise TypeError(f"no value of a line.toml: {value!r:.40}")


def _block(heading: str, settings: Mapping[str, Any]) -> Iterator[str]:
    yield heading
    yield from (f"{_key(key)} = {value_text(value)}" for key, value in settings.items())
    yield ""


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _path(heading: Sequence[str]) -> str:
    return ".".join(map(_key, heading))


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else json.dumps(key, ensure_ascii=False)
