// node compile.mjs PYODIDE_FOLDER LIBRARY SOURCE TARGET [SOURCE TARGET…]: adds bytecode to what a page loads.
//
// LIBRARY is where Python's own library goes, with bytecode. The first archive is the one of every page. Each is
// started as a page starts it, so that a package which does not run in Pyodide fails here, with Python's traceback
// on stderr. Bytecode is added for what was imported then: the rest is seldom wanted, and it is large.
import { readFile, writeFile } from "node:fs/promises";

process.on("uncaughtException", (error) => {
  console.error(error.message); // without the line of source that Node adds, which here is a megabyte long
  process.exit(1);
});
const [folder, library, ...paths] = process.argv.slice(2);
const { loadPyodide } = await import(`${folder}/pyodide.mjs`);
// No columns in the bytecode, only lines: a third of its size is for the ^^^ under a line of a traceback.
const pyodide = await loadPyodide({ stdout: () => {}, env: { HOME: "/home/pyodide", PYTHONNODEBUGRANGES: "1" } });
const [sitePackages] = pyodide.runPython("import site; site.getsitepackages()").toJs();

const START = `
from flask_magic_kernel import Kernel
kernel = Kernel(lambda output: None)
for source in ("%load_ext flask_magic", "%%flask_route /\\ndef index():\\n    return '<p>hello'", "%http /"):
    assert await kernel.run(source), source
`;
const IMPORT = `
import importlib, zipfile
names = {name.partition("/")[0].removesuffix(".py") for name in zipfile.ZipFile(archive).namelist()}
for name in sorted(name for name in names if name.isidentifier() and name.islower() and name[0] != "_"):
    importlib.import_module(name)
`;
const COMPILE = `
import sys, zipfile
from importlib.util import cache_from_source
from pathlib import Path
from py_compile import PycInvalidationMode, compile
from tempfile import TemporaryDirectory

imported = {str(getattr(module, "__file__", None)) for module in list(sys.modules.values())}
with (
    zipfile.ZipFile(archive) as source,
    zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed,
    TemporaryDirectory() as place,
):
    def add(name, content):
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        packed.writestr(entry, content)

    for name in source.namelist():
        content = source.read(name)
        add(name, content)
        module = f"{home}/{name}"
        if module in imported:
            file, bytecode = Path(place, "module.py"), Path(place, "module.pyc")
            file.write_bytes(content)
            # Unchecked: the archive holds both, so the bytecode is the source's.
            # Python's own library does without its docstrings, as with -OO: nobody asks for them here.
            unchecked, level = PycInvalidationMode.UNCHECKED_HASH, 2 if zipped else 0
            compile(file, bytecode, module, doraise=True, optimize=level, invalidation_mode=unchecked)
            add(f"{name}c" if zipped else cache_from_source(name), bytecode.read_bytes())
`;

async function addBytecode(content, path, home, zipped = false) {
  pyodide.FS.writeFile("/archive.zip", content);
  const globals = pyodide.toPy({ archive: "/archive.zip", target: "/target.zip", home, zipped });
  pyodide.runPython(COMPILE, { globals });
  await writeFile(path, pyodide.FS.readFile("/target.zip"));
}

for (let i = 0; i < paths.length; i += 2) {
  const content = new Uint8Array(await readFile(paths[i]));
  pyodide.unpackArchive(content, "zip", { extractDir: sitePackages });
  pyodide.FS.writeFile("/archive.zip", content);
  await pyodide.runPythonAsync(i === 0 ? START : IMPORT, { globals: pyodide.toPy({ archive: "/archive.zip" }) });
  if (i === 0) {
    // Python's own library stays zipped: its bytecode stands beside the source there.
    const home = pyodide.runPython("import os; os.path.dirname(os.__file__)");
    await addBytecode(new Uint8Array(await readFile(new URL(`${folder}/python_stdlib.zip`))), library, home, true);
  }
  await addBytecode(content, paths[i + 1], sitePackages);
}
process.exit(0); // Pyodide keeps a socket of Node's open
