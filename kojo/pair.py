"""``kojo pair``: an address by which a phone, a wall or a browser joins, good once and for ten minutes."""

import time
from pathlib import Path

from contract.errors import NotThere
from contract.words import Words
from kojo.address import parse
from kpi.tokens import Role, Tokens


def pair(data: Path, http: str, role: Role) -> int:
    """Print the address; only who can read the data directory's tokens can make one."""
    if not (data / f"{role}.token").exists():
        raise NotThere(
            Words(f"{data} に {role}.token がありません。", f"There is no {role}.token in {data}."),
            Words(
                "先に kojo serve を一度動かすか、そのデータの場所を --data で指してください。",
                "Run kojo serve once, or name its data directory with --data.",
            ),
        )
    host, port = parse(http)
    name = f"[{host}]" if ":" in host else host
    code = Tokens(data, time.time_ns).pair_code(role)
    print(f"http://{name}:{port}/pair?code={code}")
    return 0
