// The worker of one page: Python, and a notebook's kernel in it.
//
// It is told {start: [parts]} once, then {cell: {source, id, metadata}} or {visit} (flask_magic_visit.py), one after
// the other. It tells {loaded, total} in bytes, {ready: {waits}}, {output} and {done}, or {broken}: `done` is true or
// false of a cell, and the answer of a visit.
import { list, load } from "./runtime.js";

/** `parts` names the packages that this page needs besides the ones of every page. */
async function startKernel(parts) {
  const files = await list();
  const more = parts.map((part) => files.more[part]);
  const pyodide = await load(files, more, (progress) => postMessage(progress));
  const { Kernel } = pyodide.pyimport("flask_magic_kernel");
  const { dumps } = pyodide.pyimport("json");
  const kernel = Kernel((output) => postMessage({ output: JSON.parse(dumps(output)) }));
  return { pyodide, kernel, dumps };
}

let started;
self.onmessage = async ({ data: { start, cell, visit } }) => {
  try {
    if (start) {
      started = await startKernel(start);
      // By this Python can wait for an `async def` view: see flask_magic/asynchronous.py.
      postMessage({ ready: { waits: "Suspending" in WebAssembly } });
    } else if (cell) {
      const metadata = started.pyodide.toPy(cell.metadata);
      postMessage({ done: await started.kernel.run(cell.source, cell.id, metadata) });
    } else {
      const answer = await started.kernel.visit(started.pyodide.toPy(visit));
      postMessage({ done: JSON.parse(started.dumps(answer)) });
      answer.destroy();
    }
  } catch (error) {
    postMessage({ broken: String(error?.message ?? error) });
  }
};
