// The stage's logic in Node: node --test tests/lab/stage_js/run.test.mjs

import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CASES, USES, check } from "./cases.mjs";

const folder = new URL("../../../gossipkit/lab/static/", import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), "utf8");
// anywidget gets one module without imports: so do the cases
const source = read("stage/files.txt").trim().split(/\s+/).map(read).join("\n").replace(/^export default .*$/m, "");
const stage = new Function(`${source}\nreturn { ${USES.join(", ")} };`)();

for (const [name, run] of Object.entries(CASES)) test(name, () => run(stage, check));
