"""Every version of the line, and what was in force when: settings have dates.

The first version also holds for all time before it. Dated things win over versions, so that what is entered later for
an earlier date counts: `since` tables and dated calendar entries of later versions reach back to their dates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from contract.line import CalendarEntry, Line, ProductAtStation, Since, Station
from kpi.problems import unknown

FOREVER = 2**62


class History:
    """Versions of one line, oldest first, as (since_ns, line)."""

    def __init__(self, versions: Sequence[tuple[int, Line]]) -> None:
        self.versions = tuple(sorted(versions, key=lambda version: version[0]))

    @property
    def newest(self) -> Line:
        """The line as in force now."""
        return self.versions[-1][1]

    def periods(self) -> Iterator[tuple[int, int, int, Line]]:
        """(index, since, until, line) of each version, without holes from ever to ever."""
        since = -FOREVER
        for index, (_, line) in enumerate(self.versions):
            until = self.versions[index + 1][0] if index + 1 < len(self.versions) else FOREVER
            if until > since:
                yield index, since, until, line
                since = until

    def at(self, t: int) -> Line:
        """The version in force at a moment."""
        return next(line for _, since, until, line in self.periods() if since <= t < until)

    def station(self, index: int, station: str) -> Station:
        """A station as one version has it, with the `since` tables of the newest; the nearest version that has it."""
        known = [line.stations[station] for _, line in self.versions[index:] if station in line.stations]
        known += [line.stations[station] for _, line in reversed(self.versions[:index]) if station in line.stations]
        if not known:
            raise unknown("工程", "station", station, sorted(self.newest.stations))
        here, last = known[0], self._last(station)
        return here if here is last else _with_since(here, last)

    def _last(self, station: str) -> Station:
        return next(line.stations[station] for _, line in reversed(self.versions) if station in line.stations)

    def product(self, index: int, product: str, station: str) -> ProductAtStation | None:
        """A product's own settings at a station as one version has them, with the `since` tables of the newest."""
        found = [
            line.products[product].stations[station]
            for _, line in (*self.versions[index:], *reversed(self.versions[:index]))
            if product in line.products and station in line.products[product].stations
        ]
        if not found:
            return None
        newest = next(
            line.products[product].stations[station]
            for _, line in reversed(self.versions)
            if product in line.products and station in line.products[product].stations
        )
        here = found[0]
        return here if here is newest or not newest.since else ProductAtStation(
            here.ideal_cycle_s, here.pieces_per_count, newest.since
        )  # fmt: skip

    def calendar(self, index: int, day: date) -> list[CalendarEntry]:
        """The entries for a date: of the version in force and of every later one; a later word stands later."""
        listed = [entry for _, line in self.versions[index:] for entry in line.calendar if entry.date == day]
        return list(dict.fromkeys(listed))

    def products(self) -> list[str]:
        """Every product of any version."""
        return sorted({product for _, line in self.versions for product in line.products})

    def changes(self, station: str) -> list[date]:
        """The dates of `since` tables that concern a station."""
        found: set[date] = set()
        for _, line in self.versions:
            tables: list[Since] = list(line.stations[station].since) if station in line.stations else []
            for product in line.products.values():
                if station in product.stations:
                    tables += product.stations[station].since
            found |= {table.start for table in tables}
        return sorted(found)


def _with_since(here: Station, newest: Station) -> Station:
    return replace(here, since=newest.since) if newest.since else here
