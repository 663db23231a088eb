"""The floor under pin to pixel: one number, written as a server-sent event, until the same browser has painted it."""

import queue
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Page

EVENTS = 60
WITHIN_MS = 30_000
PAGE = b"""<!doctype html><meta charset="utf-8"><p id="number" style="font-size: 20vw">0</p><script>
window.noted = {};
const number = document.getElementById("number");
new EventSource("/live").onmessage = (event) => {
  number.textContent = event.data;
  requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => { window.noted[event.data] = performance.timeOrigin + performance.now(); };
    after.port2.postMessage(null);
  });
};
</script>"""


def times(page: Page) -> list[float]:
    """Seconds from writing an event to its number painted, at irregular intervals."""
    events: queue.Queue[int | None] = queue.Queue()
    written: dict[int, float] = {}

    class Feed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream" if self.path == "/live" else "text/html")
            self.end_headers()
            if self.path != "/live":
                self.wfile.write(PAGE)
                return
            while (number := events.get()) is not None:
                written[number] = time.time()
                self.wfile.write(f"data: {number}\n\n".encode())
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    dice, pause = random.Random(20), threading.Event()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        for number in range(1, EVENTS + 1):
            pause.wait(dice.uniform(0.05, 0.4))
            events.put(number)
        page.wait_for_function(f"() => {EVENTS} in window.noted", timeout=WITHIN_MS)
        painted = {int(number): at / 1000 for number, at in page.evaluate("() => window.noted").items()}
    finally:
        events.put(None)
        server.shutdown()
        thread.join()
        server.server_close()
    return [painted[number] - written[number] for number in painted]
