"""Phases are called as on the pages: the same words in both places, else the sensor's name, else the id."""

import re
from dataclasses import replace
from pathlib import Path

from kpi.phase_words import KNOWN, phase_said
from tests.kpi.lines import CYCLE, WASH, line, sensor, station

WORDS = Path(__file__).parents[2] / "dashboards" / "web" / "js" / "words.js"


def test_the_pages_have_the_same_words() -> None:
    found = re.findall(r'^  phase_(\w+): \{ ja: "(.+)", en: "(.+)" \},$', WORDS.read_text("utf-8"), re.MULTILINE)
    assert {key: (ja, en) for key, ja, en in found} == {key: (said.ja, said.en) for key, said in KNOWN.items()}


def test_a_phase_the_kit_does_not_know_is_called_by_its_sensor() -> None:
    rinse = sensor("rinse", "phase", "level", "rinse")
    of = line(station(CYCLE, WASH, replace(rinse, name="すすぎ")))
    assert phase_said("rinse", of, "washer").ja == "すすぎ"
    assert phase_said("wash", of, "washer").ja == "洗浄"
    assert phase_said("rinse", line(station(CYCLE, rinse)), "washer").ja == "rinse"
    assert phase_said("rinse").en == "rinse"
