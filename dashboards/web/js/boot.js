// A page whose modules did not come (the server went away while it loaded) loads itself anew; no module, needs none.
// index.html says meanwhile what is going on; main.js takes that away (#boot) once it runs.

"use strict";

// Where even this file did not come, the refresh that stands behind it in index.html is all there is; else it is not wanted.
document.write("<noscript>");

(() => {
  const FIRST_MS = 10_000;
  const AGAIN_MS = 5_000;
  const isUp = () => !document.getElementById("boot");

  /** Only a server that answers is worth leaving this page for: a browser's own error page may never come back. */
  async function anew() {
    if (isUp()) return;
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(AGAIN_MS) }).catch(() => null);
    if (isUp()) return;
    if (answer?.ok) location.reload();
    else setTimeout(anew, AGAIN_MS);
  }

  setTimeout(anew, FIRST_MS);
})();
