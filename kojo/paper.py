"""A page onto the disk: HTML as it is, PDF through a browser of this machine (Chromium, Chrome, Edge)."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from contract.errors import KojoError, NotAllowed, NotThere
from contract.whole_file import write_whole
from contract.words import Words

BROWSERS = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "msedge", "microsoft-edge", "microsoft-edge-stable",
)  # fmt: skip
"""The first is the second without windows: a page in 0.4 s instead of 2.3 s (x86-64, 2 cores)."""
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
"""Where they are on machines that do not put them on the path."""

PRINT_WITHIN_S = 120.0
READABLE = 0o644


def found_browser() -> str | None:
    """The browser that prints: KOJO_BROWSER, else the first there is."""
    asked = os.environ.get("KOJO_BROWSER")
    if asked:
        return shutil.which(asked)
    on_path = (shutil.which(name) for name in BROWSERS)
    return next((path for path in (*on_path, *(p for p in PLACES if Path(p).exists())) if path), None)


def check_place(to: Path, replace: bool, browser: Callable[[], str | None] = found_browser) -> None:
    """Raises what keeps a page from being written there, before anything long is asked."""
    if to.suffix.lower() not in (".html", ".pdf"):
        raise NotThere(
            Words(f"--to {to}: 末尾は .html か .pdf にしてください。", f"--to {to}: it must end in .html or .pdf.")
        )
    if not to.parent.is_dir():
        raise NotThere(
            Words(f"フォルダー {to.parent} がありません。", f"There is no folder {to.parent}."),
            Words("先に作るか、別の場所を --to で指してください。", "Make it, or name another place with --to."),
        )
    if to.is_dir():
        raise NotAllowed(
            Words(f"{to} はフォルダーです。上書きはしません。", f"{to} is a folder; it is not written over."),
            Words("別の名前にするか、そのフォルダーを移してください。", "Give another name, or move that folder."),
        )
    if (to.exists() or to.is_symlink()) and not replace:
        raise NotAllowed(
            Words(f"{to} はもうあります。上書きはしません。", f"{to} exists already; it is not written over."),
            Words("別の名前にするか、--replace を付けてください。", "Give another name, or add --replace."),
        )
    if to.suffix.lower() == ".pdf" and browser() is None:
        raise NotThere(
            Words(
                "PDF を作るブラウザー(Chromium、Chrome、Edge)が見つかりません。",
                "No browser that makes a PDF (Chromium, Chrome, Edge) was found.",
            ),
            Words(
                "--to を .html にしてブラウザーで開き、印刷から PDF にできます。入れるなら sudo apt install chromium、"
                "別の場所にあれば KOJO_BROWSER=/path/to/chrome。",
                "Write .html, open it in any browser and print it to PDF; or sudo apt install chromium; or say where "
                "one is with KOJO_BROWSER=/path/to/chrome.",
            ),
        )


def put(html: str, to: Path, browser: Callable[[], str | None] = found_browser) -> None:
    """Write a page. Raises NotAllowed where the disk does not take it, KojoError where the browser prints nothing."""
    try:
        if to.suffix.lower() == ".html":
            write_whole(to, html, READABLE)
        else:
            _print(html, to, browser() or "chromium")
    except OSError as error:
        if isinstance(error, KojoError):
            raise
        raise NotAllowed(
            Words(f"{to} に書けません({error.strerror})。", f"{to} cannot be written ({error.strerror})."),
            Words("書ける場所を指してください。", "Name a place that can be written."),
        ) from error


def _print(html: str, to: Path, browser: str) -> None:
    """The folder's name does not begin with a dot: a browser out of a snap may not look into those."""
    work = Path(tempfile.mkdtemp(prefix=f"{to.stem}-", dir=to.parent.absolute()))
    try:
        (work / "page.html").write_text(html, "utf-8")
        made = work / "page.pdf"
        _run(browser, work, made)
        made.chmod(READABLE)
        made.replace(to)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run(browser: str, work: Path, made: Path) -> None:
    command = [
        browser, "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
        f"--user-data-dir={work / 'profile'}", "--no-pdf-header-footer", f"--print-to-pdf={made}",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--no-sandbox")  # Chromium has none to offer root
    try:
        ran = subprocess.run(
            [*command, (work / "page.html").as_uri()], capture_output=True, timeout=PRINT_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _not_printed(browser, f"{PRINT_WITHIN_S:.0f} s") from error
    if not made.exists() or not made.stat().st_size:
        last = ran.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise _not_printed(browser, last[0] if last else f"exit {ran.returncode}")


def _not_printed(browser: str, why: str) -> KojoError:
    return KojoError(
        Words(f"{browser} が PDF を作れませんでした({why})。", f"{browser} made no PDF ({why})."),
        Words(
            "HTML で書き(--html、または --to の末尾を .html に)、ブラウザーから印刷してください。",
            "Write HTML (--html, or --to with .html) and print it from a browser.",
        ),
    )
