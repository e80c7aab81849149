import { expect, it } from "vitest";
import { Random } from "../../../bench/support/random.js";
import { INCOMPLETE, UNREADABLE } from "../../../src/internal/json/bytes.js";
import { endOfList } from "../../../src/internal/json/list-end.js";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);
const TURNS = 5_000;

const find = (json: string, from = 0): number => endOfList(new Uint8Array(Buffer.from(json)), from);

const SIGNS = ["]", "[", '"', "\\", ",", ":", "{", "}", " ", "a", "ä", "\n"];

it(`the end of a list is found, also where strings hold brackets and quotes (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const string = (): string =>
    Array.from({ length: random.below(6) }, () => SIGNS[random.below(SIGNS.length)]).join("");
  const value = (depth: number): unknown => {
    const kind = random.below(depth > 1 ? 3 : 5);
    if (kind === 0) return random.below(100) / 7;
    if (kind < 3) return string();
    const values = Array.from({ length: random.below(4) }, () => value(depth + 1));
    return kind === 3 ? values : Object.fromEntries(values.map((each) => [string(), each]));
  };
  for (let turn = 0; turn < TURNS; turn++) {
    const list = Array.from({ length: random.below(5) }, () => value(0));
    const json = JSON.stringify(list, null, random.below(3));
    const [before, after] = [JSON.stringify(value(0)), JSON.stringify(value(0))];
    const text = `${before},${json},${after}`;
    const from = Buffer.byteLength(before) + 1;
    const end = from + Buffer.byteLength(json);
    if (find(text, from) !== end) expect([text, find(text, from)]).toEqual([text, end]);
    const cut = Buffer.from(text).subarray(0, from + 1 + random.below(end - from - 1));
    expect(endOfList(new Uint8Array(cut), from)).toBe(INCOMPLETE);
  }
});

it.each(["null", '"[]"', "{}", "", "1"])("%s is no list", (json) => expect(find(json)).toBe(UNREADABLE));

it("a list of nothing but brackets is left to a reader of every byte", () => {
  expect(find(JSON.stringify(Array.from({ length: 1_000 }, () => "]")))).toBe(UNREADABLE);
});
