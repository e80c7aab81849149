// Checks that the tokenizer of the package gives the same tokens as the one the model was trained with:
// python tokens.py TOKENIZER.json PAIRS.jsonl OUT.json, then npx tsx bench/local-model/check-tokens.ts TOKENIZER.json OUT.json
import { readFile } from "node:fs/promises";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";

const [tokenizerFile, textsFile] = process.argv.slice(2);
if (!tokenizerFile || !textsFile)
  throw new Error("expected TOKENIZER.json and the file that tokens.py wrote");
const tokenizer = new Tokenizer(JSON.parse(await readFile(tokenizerFile, "utf8")), {});
const unknown = tokenizer.token_to_id("<unk>");
const texts = z
  .array(z.object({ text: z.string(), ids: z.array(z.number()) }))
  .parse(JSON.parse(await readFile(textsFile, "utf8")));
const different = texts.filter(({ text, ids }) => {
  const own = tokenizer
    .encode(text, { add_special_tokens: false })
    .ids.filter((id: number) => id !== unknown);
  return own.join() !== ids.join();
});
console.log(`${texts.length} texts, ${different.length} with other tokens`);
for (const { text } of different.slice(0, 10)) console.error(JSON.stringify(text.slice(0, 200)));
process.exitCode = different.length > 0 ? 1 : 0;
