"""`kojo report`: from a running server or from the store itself, onto one A4, refusing what it cannot do."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from contract.errors import KojoError, NotAllowed, NotThere
from contract.line import CalendarEntry, Flow, Loss, Plan, Reason
from contract.words import speaking
from kojo.cli import main
from kojo.data_directory import DataDirectory
from kojo.paper import check_place, found_browser, put
from kojo.report import Place, month, report, shift
from kojo.report_ask import over_http
from kpi.problems import Problem
from kpi.report.asking import evaluation_answers, month_answers, shift_answers
from kpi.report.evaluation import evaluation_page
from kpi.report.month import month_page
from kpi.report.shift import shift_page
from tests.collector.test_duck_store import opened
from tests.kpi.desks import FakeDemo, Service
from tests.kpi.lines import CYCLE, MONDAY, SCRAP, TOKYO, WORKDAYS, at, line, station
from tests.kpi.lines import shift as worked
from tests.kpi.reports import Page, asker
from tests.kpi.test_ledger import every
from tests.kpi.test_report_evaluation import ASKED, faster
from tests.kpi.test_report_evaluation import crowded as crowded_evaluation
from tests.kpi.test_report_shift import LONG
from tests.rig import kojo, serving, written
from tests.servers import need

pytestmark = pytest.mark.slow

LINE = """
schema = 1
site = "akita"
line = "wash"
name = "部品洗浄ライン"
[mqtt]
url = "embedded:0"
[[shifts]]
name = "日勤"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
start = "08:30"
end = "17:15"
[stations.washer]
name = "洗浄機"
ideal_cycle_s = 20.0
[stations.washer.sensors.done]
type = "external"
role = "cycle"
measures = { count = { kind = "total" } }
"""
YESTERDAY = (datetime.now(TOKYO) - timedelta(days=2)).date()


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KOJO_LANG", "en")
    with speaking("en"):
        yield


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A line, a data directory with an empty store, and where the page goes."""
    line = tmp_path / "line.toml"
    line.write_text(LINE.replace("embedded:0", "embedded"), "utf-8")
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    opened(data / "line.duckdb").close()
    return Place(line, data, None, tmp_path / "page.html", replace=False)


def test_without_a_server_the_store_itself_is_asked(place: Place) -> None:
    assert report(place, shift("washer", YESTERDAY.isoformat(), None)) == 0
    assert "洗浄機" in Page(place.to.read_text("utf-8")).text
    with DataDirectory(place.data, "serve"):
        pass  # it was let go of


def test_the_data_of_a_demo_say_so_also_when_it_is_stopped(place: Place) -> None:
    (place.data / "demo.json").write_text("{}")
    report(place, month(f"{YESTERDAY:%Y-%m}", None))
    assert "virtual data" in Page(place.to.read_text("utf-8")).words


@pytest.mark.slow
def test_a_running_server_is_asked(tmp_path: Path) -> None:
    line = written(tmp_path, LINE.replace("embedded:0", "embedded"), "mqtt://127.0.0.1:1")
    to = tmp_path / "page.html"
    asked = ["report", "shift", "--station", "washer", "--date", YESTERDAY, "--to", to]
    with serving(line, tmp_path / "data") as kit:
        told = kojo(*asked, "--data", tmp_path / "data", lang="ja")
        assert told.returncode == 0, told.stderr
        assert f"{to} に書きました。" in told.stdout
        there = Place(line, tmp_path / "elsewhere", kit.url, to, replace=True)
        assert report(there, month(f"{YESTERDAY:%Y-%m}", "washer")) == 0
        with pytest.raises(NotAllowed, match="not written over"):
            report(replace(there, replace=False), month(f"{YESTERDAY:%Y-%m}", None))
        with pytest.raises(NotThere, match="wash"):
            report(there, shift("wash", YESTERDAY.isoformat(), None))
    assert "Monthly report" in Page(to.read_text("utf-8")).words


@pytest.mark.parametrize(
    ("to", "said"), [("page.txt", ".html or .pdf"), ("no/page.html", "no folder"), ("there.html", "not written over")]
)
def test_a_place_that_will_not_do_is_said_before_anything_is_asked(place: Place, to: str, said: str) -> None:
    (place.to.parent / "there.html").write_text("mine")
    with pytest.raises((NotThere, NotAllowed), match=re.escape(said)):
        report(replace(place, to=place.to.parent / to), lambda _: "never")
    assert (place.to.parent / "there.html").read_text() == "mine"


def test_without_a_browser_the_way_to_a_pdf_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotThere) as refused:
        check_place(tmp_path / "page.pdf", replace=False, browser=lambda: None)
    assert refused.value.hint is not None
    assert "KOJO_BROWSER" in refused.value.hint.ja
    assert ".html" in refused.value.hint.ja


def test_a_browser_that_prints_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(KojoError, match="made no PDF"):
        put("<p>x</p>", tmp_path / "page.pdf", browser=lambda: "/bin/false")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shift", "--station", "washer", "--date", "16.11.2026"], "no date"),
        (["shift", "--station", "washer", "--date", "9999-12-31"], "no date"),
        (["month", "--month", "2026-13"], "no date"),
        (["month", "--month", "2026-1"], "no date"),
        (["month", "--month", "2026-11", "--at", "ftp://x"], "no address"),
        (["month", "--month", "2026-11", "--at", "http://127.0.0.1:1"], "Nothing answers"),
        (["month", "--month", "2026-11", "--data", "no-such-folder"], "no data directory"),
    ],
)
def test_what_is_typed_wrongly_is_said(
    place: Place, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["report", *arguments, "--to", str(place.to), "--lang", "en"]) == 2
    assert said in capsys.readouterr().err


def test_without_a_page_the_three_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 2
    assert "shift, month or evaluation" in capsys.readouterr().err


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody to another server, and keeps what it was shown."""

    shown: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.shown.append(self.headers["authorization"])
        self.send_response(302)
        self.send_header("location", f"http://localhost:{self.server.server_port}/other")  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def test_a_token_is_not_shown_on_this_machine_and_not_carried_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "viewer.token").write_text("secret")
    with HTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises((Problem, NotAllowed)):
            over_http(f"http://127.0.0.1:{server.server_port}", tmp_path)("/line", {})
    assert _Elsewhere.shown == [None]


# ------------------------------------------------------------------------------------------------------- on paper


def crowded(directory: Path) -> Service:
    """More of everything than a page has room for."""
    losses: list[Loss] = ["failure", "setup", "tool", "startup", "starved", "blocked", "quality", "none"]
    reasons = {f"r{i}": Reason(f"r{i}", f"{LONG}{i}", loss) for i, loss in enumerate(losses)}
    washer = replace(
        station(CYCLE, SCRAP, stop_after_s=60.0, downtime_after_s=60.0, silence_after_s=1800.0, ideal=19.0), name=LONG
    )
    others = {f"s{i}": replace(washer, id=f"s{i}", name=f"{LONG}{i}", sensors={}) for i in range(9)}
    of = line(
        washer, worked("08:00-22:00", "12:00-13:00", days=WORKDAYS), reasons=reasons,
        plan=(Plan("washer", "日勤", 1900),), flow=(Flow("washer", "s0"),),
        calendar=[CalendarEntry(MONDAY + timedelta(days=2), "holiday")],
    )  # fmt: skip
    told = Service(
        replace(of, stations={"washer": washer, **others}, name=LONG * 2), directory,
        at("23:00", MONDAY + timedelta(days=4)), demo=FakeDemo(),
    )  # fmt: skip
    made = []
    for day in (MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=3)):
        for hour in range(8, 22):
            made += every(20, at(f"{hour}:00", day), at(f"{hour}:{50 - 2 * (hour % 5)}", day))
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(made)])
    for hour in range(8, 22):
        moment = f"2026-11-16T{hour:02d}:55:00+09:00"
        told.write("/stops/reason", {"station": "washer", "at": moment, "reason": f"r{hour % 8}"})
        told.write("/events", {"at": moment, "kind": "improvement", "text": LONG * 4, "station": "washer"})
    return told


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def letters_of(pdf: bytes) -> set[str]:
    """Every letter that the fonts of a PDF say they can be read as (their ToUnicode tables)."""
    found: set[str] = set()
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text = zlib.decompress(packed)
        except zlib.error:
            continue
        if b"beginbfchar" in text or b"beginbfrange" in text:
            for a, b, to in re.findall(rb"<(\w+)>\s*(?:<(\w+)>\s*)?<(\w{4})>", text):
                many = int(b, 16) - int(a, 16) if b else 0
                found |= {chr(int(to, 16) + i) for i in range(many + 1)}
    return found


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_crowded_page_is_one_page_of_a4_with_its_japanese(tmp_path: Path, lang: Any) -> None:
    need("chromium")
    for folder in ("floor", "line"):
        (tmp_path / folder).mkdir()
    told, made_at = crowded(tmp_path / "floor"), datetime(2026, 11, 20, 23, tzinfo=TOKYO)
    of_shift = shift_page(shift_answers(asker(told), "washer", MONDAY, "日勤"), made_at, lang)
    of_month = month_page(month_answers(asker(told), date(2026, 11, 1), "washer"), made_at, lang)
    known, judged = evaluation_answers(asker(faster(tmp_path / "line")), ASKED)
    judgement = evaluation_page({**known, "name": LONG}, crowded_evaluation(judged), made_at, lang)
    for name, html in (("shift", of_shift), ("month", of_month), ("evaluation", judgement)):
        to = tmp_path / f"{name}.pdf"
        put(html, to, found_browser)
        pdf = to.read_bytes()
        assert pages_of(pdf) == 1, name
        width, height = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)[0]
        millimetres = [float(side) / 72 * 25.4 for side in (width, height)]
        assert millimetres == pytest.approx([210, 297], abs=1)
        assert set("洗浄乾燥検査") <= letters_of(pdf)
    assert not [path.name for path in tmp_path.iterdir() if path.is_dir() and path.name not in ("floor", "line")]
