// Python for a worker: Pyodide, and the packages that every page needs. All that it loads are files beside this one.
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

/** A function that gets one file, and tells how much of `files` has come. */
function counted(files, tell) {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let loaded = 0;
  const count = (chunk, stream) => {
    loaded += chunk.byteLength;
    tell({ loaded, total });
    stream.enqueue(chunk);
  };
  return async ({ name, version }) => {
    const answer = await get(`${name}?v=${version}`);
    return new Response(answer.body.pipeThrough(new TransformStream({ transform: count })));
  };
}

/** What there is to load, as `live_build.py` lists it. */
export const list = async () => (await get("files.json", { cache: "no-cache" })).json();

/**
 * Load Python and the packages of every page. `parts` are the files of `files.more` that are needed besides, `tell` is
 * called with {loaded, total} in bytes, `options` are more of Pyodide's own.
 */
export async function load({ platform, start }, parts, tell, options = {}) {
  const files = [...start, ...parts];
  const [wasm, library, ...rest] = files.map(counted(files, tell));
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
  const pyodide = await loadPyodide({ ...options, createPyodideModule, indexURL: HERE, lockFileContents });
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
