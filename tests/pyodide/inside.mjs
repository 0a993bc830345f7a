// node inside.mjs PYODIDE COURSE: what inside.py finds in Pyodide, as JSON
import { pathToFileURL } from "node:url";

const [pyodide, course] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
const python = await loadPyodide();
python.FS.mkdir("/course");
python.FS.mount(python.FS.filesystems.NODEFS, { root: course }, "/course");
try {
  console.log(
    python.runPython(`
import json, runpy, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/course")
inside = runpy.run_path("/course/tests/pyodide/inside.py")
json.dumps({"doctests": inside["doctests"](), "runs": inside["runs"](), "loaded": sorted(sys.modules)})
`),
  );
} catch (error) {
  console.error(String(error)); // without the source of the interpreter, which Node would print
  process.exitCode = 1;
}
