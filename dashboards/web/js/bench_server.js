// The calls of the bench's page. What a hand does is told in its order: a release never overtakes its press.

import { ServerError, refusal } from "./server.js";

const ROOT = "/api/v1/bench";
const TIMEOUT_MS = 10_000;
let last = Promise.resolve();

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(ROOT + path, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS), ...options });
  } catch (error) {
    throw new ServerError(0, String(error.message ?? error));
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(answer.status, body);
  return body;
}

export const look = () => call("");

export const LIVE = `${ROOT}/live`;

/** Do something on a bench: `{agent, device, do, …}`. */
export function act(asked) {
  const told = () => call("/do", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  last = last.then(told, told);
  return last;
}
