// node smoke.mjs PYODIDE_MODULE ARCHIVE…: the extension in the Python of a browser, seen from JavaScript.
// Ends with 0 when all holds, else with the assertion or Python's traceback on stderr.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

process.on("uncaughtException", (error) => {
  console.error(error.message); // without the line of source that Node adds, which here is a megabyte long
  process.exit(1);
});
const [module, ...archives] = process.argv.slice(2);
const { loadPyodide } = await import(module);
globalThis.fetch = (address) => {
  throw new Error(`nothing may be fetched, and this was: ${address}`);
};

const shown = [];
const pyodide = await loadPyodide({ stdout: (line) => shown.push(line) });
const [sitePackages] = pyodide.runPython("import site; site.getsitepackages()").toJs();
for (const archive of archives) {
  pyodide.unpackArchive(new Uint8Array(await readFile(archive)), "zip", { extractDir: sitePackages });
}
const run = pyodide.runPython(`
import json
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()

def run(cell):
    result = shell.run_cell(cell)
    result.raise_error()
    return json.dumps(result.result, default=repr)

run
`);
const cell = (...lines) => JSON.parse(run(lines.join("\n")));
const loaded = () => new Set(cell("import sys", "list(sys.modules)"));

assert.equal(cell("import sys", "sys.platform"), "emscripten");
cell("import flask");
const before = loaded();
cell("%load_ext flask_magic");
// Present in a browser and of no use there, or slow to import: nothing needs them before a magic is used.
const late = ["flask_magic.pages", "multiprocessing.pool", "wsgiref.simple_server"];
const early = [...loaded()].filter((name) => !before.has(name) && late.includes(name));
assert.deepEqual(early, []);

cell("%%flask_route /tools/<int:tool_id>", "def tool(tool_id):", '    return {"tool": tool_id}');
cell("r = %http /tools/7");
assert.deepEqual(cell("[r.status_code, r.json]"), [200, { tool: 7 }]);

cell("%%flask_route /tools/<int:tool_id>", "def tool(tool_id):", '    return {"tool": tool_id, "second": True}');
cell("r = %http /tools/7");
assert.deepEqual(cell("r.json"), { tool: 7, second: true });

cell("r = %http /tools/drill");
assert.equal(cell("r.status_code"), 404);

shown.length = 0;
cell("%http /tools/7");
assert.match(shown.join("\n"), /200 OK/);

cell(
  "from flask_sqlalchemy import SQLAlchemy",
  "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column",
  "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'",
  "db = SQLAlchemy(app, model_class=type('Base', (DeclarativeBase,), {}))",
  "class Tool(db.Model):",
  "    id: Mapped[int] = mapped_column(primary_key=True)",
  "    name: Mapped[str]",
  "with app.app_context():",
  "    db.create_all()",
  "    db.session.add(Tool(name='drill'))",
  "    db.session.commit()",
  "    names = list(db.session.scalars(db.select(Tool.name)))",
);
assert.deepEqual(cell("names"), ["drill"]);
process.exit(0); // Pyodide keeps a socket of Node's open
