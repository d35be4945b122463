// What JupyterLite's kernel imports as Pyodide (its `pyodideUrl`): the Python of the pages, made ready for that kernel.
import { list, load } from "./runtime.js";

/** The bytes of a file beside this one, at once: an import cannot wait. */
function fetchNow(name) {
  const request = new XMLHttpRequest();
  request.open("GET", new URL(name, import.meta.url), false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${name}: ${request.status} ${request.statusText}`);
  return new Uint8Array(request.response);
}

/** As Pyodide's own. Of the kernel's options it takes where Python's output goes: the rest is the site's. */
export async function loadPyodide({ stdout, stderr }) {
  const files = await list();
  const pyodide = await load(files, [], () => {}, { stdout, stderr });
  pyodide.pyimport("flask_magic_lab").prepare(pyodide.toPy(files.more), fetchNow);
  return pyodide;
}
