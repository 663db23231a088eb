"""Code of others is what its authors published, with its licence; the pages ask nobody outside."""

import hashlib
import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "dashboards" / "web"
VENDOR = WEB / "vendor"
OURS = [file for file in WEB.rglob("*") if file.suffix in (".html", ".css", ".js") and VENDOR not in file.parents]


def test_vendored_files_have_the_recorded_sums() -> None:
    recorded = dict(re.findall(r"`(uplot/\S+\.(?:js|css))` \| `([0-9a-f]{64})`", (VENDOR / "README.md").read_text()))
    assert set(recorded) == {"uplot/uPlot.esm.js", "uplot/uPlot.min.css"}
    for name, sum_ in recorded.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == sum_, name
    assert (
        "MIT License" in (VENDOR / "uplot" / "LICENSE").read_text()
        or "Permission is hereby granted" in (VENDOR / "uplot" / "LICENSE").read_text()
    )


def test_our_pages_name_no_other_host_and_hold_no_inline_script_or_style() -> None:
    assert len(OURS) > 15
    for file in OURS:
        text = file.read_text()
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), file
        assert not re.search(r"\.(innerHTML|outerHTML|insertAdjacentHTML)", text), file
    for page in WEB.glob("*.html"):
        assert not re.search(r"<style|style=|<script>|\son\w+=", page.read_text()), page
