// The browser's Python, in a worker of its own: what hangs in it is ended by ending the worker.
//
// in:  {python: {at, kit}}                  once
//      {number, lesson, text}               judge this
// out: {ready: true} | {broken: "…"}
//      {number, row}                        this row was reached for the first time
//      {number, verdict} | {number, broken}

let judge = null;

onmessage = async ({ data }) => {
  if (data.python) await begin(data.python);
  else answer(data);
};

async function begin({ at, kit }) {
  try {
    const { loadPyodide } = await import(`${at}pyodide.mjs`);
    const zip = fetch(kit).then((got) => (got.ok ? got.arrayBuffer() : Promise.reject(new Error(`HTTP ${got.status}`))));
    const python = await loadPyodide({ indexURL: at, stdout: () => {}, stderr: () => {} });
    python.unpackArchive(await zip, "zip", { extractDir: "/kit" });
    python.runPython("import sys; sys.path.insert(0, '/kit')");
    judge = python.pyimport("curriculum.learn.in_browser");
    postMessage({ ready: true });
  } catch (error) {
    postMessage({ broken: String(error) });
  }
}

function answer({ number, lesson, text }) {
  try {
    const reached = (row) => postMessage({ number, row });
    postMessage({ number, verdict: JSON.parse(judge.check(lesson, text, reached)) });
  } catch (error) {
    postMessage({ number, broken: String(error.message ?? error) });
  }
}
