"""Who may do what at the broker: the table that the tests hold both brokers to, and that docs/who-may-mqtt.md shows.

python -m tests.who_may docs/who-may-mqtt.md
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from contract.broker_access import Access
from contract.words import Words

BASE = "kojo/v1/akita/wash"
SITE = "kojo/v1/akita"

PEOPLE: dict[str, Words] = {
    "nobody": Words("アカウントなし", "no account"),
    "wrong": Words("パスワード違い", "wrong password"),
    "_viewer": Words("見る人", "viewer"),
    "_operator": Words("操作する人", "operator"),
    "_collector": Words("collector", "collector"),
    "pi-1": Words("その Pi", "its agent"),
    "pi-2": Words("別の Pi", "another agent"),
    "team-a": Words("その班の機器", "its team"),
    "team-b": Words("別の班の機器", "another team"),
    "station.dock": Words("荷受けの機器", "device of dock"),
}
"""Everybody, by the name of the account. "Its" is: of the station washer, which pi-1 reads and team-a builds."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing somebody may try, and who succeeds: accounts, separated by spaces."""

    words: Words
    access: Access
    topic: str
    who: str

    @property
    def allowed(self) -> frozenset[str]:
        """Who may."""
        return frozenset(self.who.split())


def _write(ja: str, en: str, topic: str, who: str) -> Deed:
    return Deed(Words(ja, en), "write", topic, who)


def _read(ja: str, en: str, topic: str, who: str) -> Deed:
    return Deed(Words(ja, en), "read", topic, who)


DEEDS = (
    _write("洗浄機の値を送る", "send a reading of washer", f"{BASE}/washer/done/count", "pi-1 team-a"),
    _write("洗浄機の生存信号を送る", "send washer's sign of life", f"{BASE}/washer/_agent/alive", "pi-1 team-a"),
    _write("梱包の値を送る", "send a reading of packer", f"{BASE}/packer/done/count", "pi-2 team-b"),
    _write("荷受けの値を送る", "send a reading of dock", f"{BASE}/dock/esp/count", "station.dock"),
    _write("pi-1 の状態を名のる", "tell the state of pi-1", f"{BASE}/_agents/pi-1", "pi-1"),
    _write("pi-2 の状態を名のる", "tell the state of pi-2", f"{BASE}/_agents/pi-2", "pi-2"),
    _write("pi-1 に保存済みと言う", "confirm to pi-1", f"{BASE}/_acks/pi-1", "_collector"),
    _write("collector の数を名のる", "tell a collector's counters", f"{BASE}/_collector/c1", "_collector"),
    _write("洗浄機の出力を動かす", "command washer", f"{BASE}/_set/washer/andon", "_operator"),
    _write("梱包の出力を動かす", "command packer", f"{BASE}/_set/packer/andon", "_operator"),
    _write("形の違うトピックに送る", "another shape of topic", f"{BASE}/washer/done/count/more", ""),
    _write("ほかのラインに送る", "send to another line", f"{SITE}/paint/washer/done/count", ""),
    _write("ほかの工場に送る", "send to another site", "kojo/v1/sendai/wash/washer/done/count", ""),
    _write("キットの外に送る", "send outside the kit", "homeassistant/x", ""),
    _read("洗浄機の値を読む", "read washer", f"{BASE}/washer/done/count", "_viewer _operator _collector"),
    _read("梱包の値を読む", "read packer", f"{BASE}/packer/done/count", "_viewer _operator _collector"),
    _read("一人作業の工程の値を読む", "read a one-person station", f"{BASE}/hand/done/count", "_operator _collector"),
    _read("pi-1 の状態を読む", "read the state of pi-1", f"{BASE}/_agents/pi-1", "_viewer _operator _collector"),
    _read("pi-1 への確認を読む", "read pi-1's confirmations", f"{BASE}/_acks/pi-1", "pi-1 _operator _collector"),
    _read("pi-2 への確認を読む", "read pi-2's confirmations", f"{BASE}/_acks/pi-2", "pi-2 _operator _collector"),
    _read(
        "洗浄機への命令を読む",
        "read washer's commands",
        f"{BASE}/_set/washer/andon",
        "pi-1 team-a _operator _collector",
    ),
    _read(
        "梱包への命令を読む",
        "read packer's commands",
        f"{BASE}/_set/packer/andon",
        "pi-2 team-b _operator _collector",
    ),
    _read(
        "collector の数を読む", "read a collector's counters", f"{BASE}/_collector/c1", "_viewer _operator _collector"
    ),
    _read("ほかのラインを読む", "read another line", f"{SITE}/paint/washer/done/count", ""),
    _read("ほかの工場を読む", "read another site", "kojo/v1/sendai/wash/washer/done/count", ""),
    _read("キットの外を読む", "read outside the kit", "homeassistant/x", ""),
)


def page() -> str:
    """The page: one table, Japanese and English in each head."""
    heads = ["", "", *(f"{words.ja}<br>{words.en}" for words in PEOPLE.values())]
    rows = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for deed in DEEDS:
        cells = ["○" if who in deed.allowed else "" for who in PEOPLE]
        name = f"{deed.words.ja} / {deed.words.en}"
        rows.append("| " + " | ".join([name, f"`{deed.topic.removeprefix(BASE + '/')}`", *cells]) + " |")
    return _PAGE + "\n".join(rows) + "\n"


_PAGE = """\
<!-- `make derive` writes this page from tests/who_may.py; tests/test_who_may_mqtt.py asserts each cell. -->
# ブローカーでだれが何をできるか / Who may do what at the broker

`kojo derive` が作るアカウントの一覧です。マスの一つ一つを、本物の mosquitto と内蔵ブローカー(`embedded:HOST:PORT`)の
両方で試験しています。
○ のないことは、すべて断られます。最後の遺言(last will)と保持つき(retain)も同じです。

The accounts that `kojo derive` makes. Each cell is asserted by a test, against the real mosquitto and against the
embedded broker. What has no ○ is refused, as a last will and as a retained message, too. "Its": of station `washer`.

"""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
