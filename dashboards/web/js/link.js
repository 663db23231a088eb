// The line to the server: what is pushed (/live), and a watch that says at once when nothing can be believed any more.
//
// Counts are never polled. The beat below only asks "are you there", because a cable pulled out ends no connection.

import { LIVE, server } from "./server.js";

const BEAT_MS = 5_000;
const BEAT_TIMEOUT_MS = 4_000;
const QUIET_MS = 15_000; // a server that sends a beat on /live has one at least every 5 s
const AGAIN_MS = 1_000;

/**
 * Follow the server for ever. `events` are handlers by event name; `opened()` may be async and brings the page up to
 * date; `lost(error)` is told at once; `status(body)` at each beat.
 */
export function follow({ events, opened, lost, status }) {
  let source = null;
  let again = null;
  let heard_ms = 0;
  let beats = false; // does this server send a beat of its own?

  function connect() {
    clearTimeout(again);
    again = null;
    source?.close();
    const mine = new EventSource(LIVE);
    source = mine;
    beats = false;
    heard_ms = performance.now();
    mine.onopen = () => Promise.resolve(opened()).catch((error) => mine === source && breakOff(error));
    mine.onerror = () => mine === source && breakOff(null);
    for (const [name, act] of Object.entries({ beat: () => (beats = true), ...events }))
      mine.addEventListener(name, (event) => {
        heard_ms = performance.now();
        act(event.data ? JSON.parse(event.data) : null);
      });
  }

  function breakOff(error) {
    source?.close();
    source = null;
    lost(error);
    again ??= setTimeout(connect, AGAIN_MS);
  }

  async function beat() {
    try {
      status(await server.status(BEAT_TIMEOUT_MS));
      if (source && beats && performance.now() - heard_ms > QUIET_MS) breakOff(null);
    } catch (error) {
      if (source) breakOff(error);
      else lost(error);
    }
  }

  connect();
  beat();
  setInterval(beat, BEAT_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && performance.now() - heard_ms > BEAT_MS) connect();
  });
}
