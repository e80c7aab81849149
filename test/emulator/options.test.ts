import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { FaultRule, faultRuleSchema } from "../../src/emulator/fault-rules.js";
import type { EmulatorOptions, emulatorOptionsSchema } from "../../src/emulator/options.js";

describe("the options of the emulator", () => {
  it("have the types that their schema accepts", () => {
    // The compiler makes this check; `npm run typecheck` fails when it does not hold.
    expectTypeOf<EmulatorOptions>().toEqualTypeOf<z.input<typeof emulatorOptionsSchema>>();
    expectTypeOf<FaultRule>().toEqualTypeOf<z.input<typeof faultRuleSchema>>();
  });
});
