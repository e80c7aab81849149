// Lays out an authored document and writes the parse result: npx tsx bench/support/typeset/main.ts SOURCE.md RESULT.json
import { readFile, writeFile } from "node:fs/promises";
import { typeset } from "./result.js";

const [source, target] = process.argv.slice(2);
if (source === undefined || target === undefined) {
  console.error("usage: npx tsx bench/support/typeset/main.ts SOURCE.md RESULT.json");
  process.exitCode = 2;
} else {
  const result = typeset(await readFile(source, "utf8"));
  await writeFile(target, JSON.stringify(result));
  console.log(`${target}: ${result.page_count} pages, ${result.total_chunks} chunks`);
}
