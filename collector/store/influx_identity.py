"""Which store it is: its id, and what had to be put right since it began."""

from collections.abc import Mapping
from typing import Any

from collector.store.influx_answer import QueryFailed
from collector.store.influx_shelf import Ask
from collector.store.influx_state import PRESENT
from collector.store.influx_text import document, point, where, whole
from contract.words import Words

SCHEMA = 1


class Identity:
    """The id of one line's store in a bucket, and its care."""

    def __init__(self, line: Mapping[str, str], collector: str, ask: Ask) -> None:
        self._line, self._collector, self._ask = line, collector, ask

    def there(self) -> tuple[str, bool] | None:
        """The id that stands in the bucket, and whether it is not the store's first; None: there is none."""
        try:
            rows = [row for table in self._ask(f"SELECT * FROM kojo_store {where(self._line)}") for row in table.rows()]
        except QueryFailed as failed:
            if "not found" in failed.said:  # 3.x makes the database at the first write
                return None
            raise
        return next(((whole(row), bool(row.get("renewed"))) for row in rows), None)

    def line(self, id_: str, renewed: bool) -> str:
        """The point of the id."""
        kept = {**document(id_), "schema": float(SCHEMA), "renewed": float(renewed)}
        return point("kojo_store", self._line, kept, PRESENT)

    def care_line(self, said: Words, at: int) -> str:
        """The point of what had to be put right at ``at`` (ns)."""
        return point("kojo_care", {**self._line, "collector": self._collector}, {"ja": said.ja, "en": said.en}, at)

    def care(self) -> list[dict[str, Any]]:
        """What had to be put right, by whomever, the last twenty times, oldest first."""
        asked = f"SELECT ja, en FROM kojo_care {where(self._line)} ORDER BY time DESC LIMIT 20"
        found = [row for table in self._ask(asked) for row in table.rows()]
        return [{"at": row["time"], "ja": row["ja"], "en": row["en"]} for row in reversed(found)]
