"""One file per KPI; its name is the JSON field. :func:`all_definitions` finds them, so adding a KPI is one file."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache

from kpi.definition import Definition


@cache
def all_definitions() -> Mapping[str, Definition]:
    """Every KPI by its key, each after the KPIs it needs."""
    found = {info.name: load(info.name) for info in pkgutil.iter_modules(__path__)}
    ordered: dict[str, Definition] = {}

    def put(key: str) -> None:
        if key not in ordered:
            for needed in found[key].inputs:
                if needed in found:
                    put(needed)
            ordered[key] = found[key]

    for key in sorted(found):
        put(key)
    return ordered


def load(key: str) -> Definition:
    """One KPI from its file."""
    module = importlib.import_module(f"{__name__}.{key}")
    function = getattr(module, key)
    return Definition(
        key,
        module.TITLE,
        module.UNIT,
        module.FORMULA,
        module.BETTER,
        module.EXAMPLE,
        inspect.cleandoc(module.__doc__ or ""),
        tuple(inspect.signature(function).parameters),
        function,
    )
