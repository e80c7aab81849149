// Updates the generated tables in docs/: `npm run docs`.
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT, readPage, withTables } from "./generated.js";

for (const name of readdirSync(path.join(ROOT, "docs")).filter((file) => file.endsWith(".md"))) {
  const page = readPage(`docs/${name}`);
  const current = withTables(page);
  if (current === page) continue;
  writeFileSync(path.join(ROOT, "docs", name), current);
  process.stdout.write(`docs/${name}: brought up to date\n`);
}
