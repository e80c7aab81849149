import { expect, it } from "vitest";
import { Random } from "../../../bench/support/random.js";
import { INCOMPLETE, UNREADABLE } from "../../../src/internal/json/bytes.js";
import { NumberReader } from "../../../src/internal/json/number-reader.js";
import { cases } from "../../support/thorough.js";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);
const TURNS = cases(20_000);

const reader = new NumberReader();
const read = (json: string): number => reader.read(new Uint8Array(Buffer.from(json)), 0);

const expectExact = (printed: string): void => {
  const end = read(`${printed},`);
  // Not by `expect` alone, which takes a thousand times as long.
  if (end !== printed.length || !Object.is(reader.value, JSON.parse(printed)))
    expect([printed, end, reader.value]).toEqual([printed, printed.length, JSON.parse(printed)]);
};

it(`numbers of any length are what JSON.parse makes of them (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const digits = (count: number) => Array.from({ length: count }, () => random.below(10)).join("");
  for (let turn = 0; turn < TURNS; turn++) {
    const whole = digits(1 + random.below(20)).replace(/^0+(?=\d)/, "");
    expectExact(
      `${random.chance(0.2) ? "-" : ""}${whole}${random.chance(0.8) ? `.${digits(1 + random.below(24))}` : ""}`,
    );
    const double = random.next() * 10 ** random.below(7);
    expectExact(String(double));
    expectExact(double.toFixed(random.below(20)));
  }
});

it(`numbers at and beside the middle of two doubles are rounded as they have to be (seed ${SEED})`, () => {
  const random = new Random(SEED);
  for (let turn = 0; turn < TURNS; turn++) {
    // From 2^52 to 2^53 doubles are whole, so that these end in their middle, or a thousandth beside it.
    const whole = 2n ** 52n + BigInt(random.below(2 ** 31)) * BigInt(random.below(2 ** 20));
    for (const rest of ["5", "499", "501", "50000", "25"]) expectExact(`${whole}.${rest}`);
    // Beyond 2^53 only every second number is a double.
    expectExact(String(2n * whole + 1n));
  }
});

it.each([
  "0",
  "-0",
  "-0.0",
  "0.000000000000000000000001",
  "1e5",
  "1E+400",
  "-1.5e-7",
  "123456789012345678901234567890",
])("%s, too", (printed) => expectExact(printed));

it.each([
  ["", INCOMPLETE],
  ["-", INCOMPLETE],
  ["12", INCOMPLETE],
  ["12.", INCOMPLETE],
  ["1e", INCOMPLETE],
  ["01,", UNREADABLE],
  ["1.,", UNREADABLE],
  [".5,", UNREADABLE],
  ["+1,", UNREADABLE],
  ["--1,", UNREADABLE],
  ["1e,", UNREADABLE],
  ["1-2,", UNREADABLE],
  ["NaN,", UNREADABLE],
])("%j is none, or not all of one", (json, end) => {
  expect(read(json)).toBe(end);
});
