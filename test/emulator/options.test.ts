import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { FaultRule, faultRuleSchema } from "../../src/emulator/fault-rules.js";
import { type EmulatorOptions, emulatorOptionsSchema } from "../../src/emulator/options.js";

describe("the options of the emulator", () => {
  it("have the types that their schema accepts", () => {
    // The compiler makes this check; `npm run typecheck` fails when it does not hold.
    expectTypeOf<EmulatorOptions>().toEqualTypeOf<z.input<typeof emulatorOptionsSchema>>();
    expectTypeOf<FaultRule>().toEqualTypeOf<z.input<typeof faultRuleSchema>>();
  });

  it.each([
    ["2026-03", 100],
    ["2026-09", 500],
  ] as const)("of %s take forms of up to %i MiB unless told otherwise", (dialect, mebibytes) => {
    const { maxFormBytes } = emulatorOptionsSchema.parse({ results: {}, dialect });
    expect(maxFormBytes).toBe(mebibytes * 1024 * 1024);
  });
});
