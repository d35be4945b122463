// The worker of one page: Python, and a notebook's kernel in it. All that it loads are files beside this one.
//
// It is told {start: [parts]} once, then {cell: {source, id, metadata}} or {visit} (flask_magic_visit.py), one after
// the other. It tells {loaded, total} in bytes, {ready: {waits}}, {output} and {done}, or {broken}: `done` is true or
// false of a cell, and the answer of a visit.
import { md5, sha1 } from "./hashes/legacy.js";
import { pbkdf2 } from "./hashes/pbkdf2.js";
import { scrypt } from "./hashes/scrypt.js";
import { sha224, sha256, sha384, sha512 } from "./hashes/sha2.js";
import { loadPyodide } from "./pyodide.js";

const HERE = new URL(".", import.meta.url).href;
const HASHES = { md5, sha1, sha224, sha256, sha384, sha512 };

const download = self.fetch.bind(self);

async function get(name, options) {
  const answer = await download(new URL(name, HERE), options);
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
  return answer;
}

/** A function that gets one file, and tells the page how much of `files` has come. */
function counted(files) {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let loaded = 0;
  const count = (chunk, stream) => {
    loaded += chunk.byteLength;
    postMessage({ loaded, total });
    stream.enqueue(chunk);
  };
  return async ({ name, version }) => {
    const answer = await get(`${name}?v=${version}`);
    return new Response(answer.body.pipeThrough(new TransformStream({ transform: count })));
  };
}

/** Load Python and the packages; `parts` names those that this page needs besides the ones of every page. */
async function load(parts) {
  const { platform, start, more } = await (await get("files.json", { cache: "no-cache" })).json();
  const files = [...start, ...parts.map((part) => more[part])];
  const [wasm, library, ...rest] = files.map(counted(files));
  const archives = Promise.all(rest.map(async (archive) => (await archive).arrayBuffer()));
  const { default: createPyodideModule } = await import("./pyodide.asm.js");
  // Pyodide asks for two files, and both are on their way. Should it ask for more, it would be from another host.
  const asked = {
    [`${HERE}python_stdlib.zip`]: () => library,
    [`${HERE}pyodide.asm.wasm`]: async () => {
      const unpacked = (await wasm).body.pipeThrough(new DecompressionStream("gzip"));
      return new Response(unpacked, { headers: { "Content-Type": "application/wasm" } });
    },
  };
  self.fetch = async (address) => {
    if (!(address in asked)) throw new Error(`${address} is no file of this site`);
    return asked[address]();
  };
  const lockFileContents = { info: platform, packages: {} };
  const pyodide = await loadPyodide({ createPyodideModule, indexURL: HERE, lockFileContents });
  self.fetch = download;
  const [extractDir] = pyodide.runPython("import site; site.getsitepackages()").toJs();
  for (const archive of await archives) pyodide.unpackArchive(archive, "zip", { extractDir });
  const browser = pyodide.pyimport("flask_magic_browser");
  browser.name_prefix();
  browser.give_password_hashes(
    (password, salt, N, r, p, dkLen) => scrypt(password, salt, { N, r, p, dkLen, maxmem: 2 ** 31 }),
    (name, password, salt, c, dkLen) => pbkdf2(HASHES[name], password, salt, { c, dkLen }),
  );
  return pyodide;
}

async function startKernel(parts) {
  const pyodide = await load(parts);
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
