import { describe, expect, it } from "vitest";
import { logStyle, outputOptionsOf } from "../../../src/cli/terminal/log-style.js";
import { printable } from "../../../src/cli/terminal/printable.js";

const TERMINAL = { isTTY: true, columns: 80 };

describe("the log", () => {
  it.each([
    [{}, TERMINAL, { TERM: "xterm" }, "live"],
    [{}, TERMINAL, { TERM: "xterm", CI: "false" }, "live"],
    [{}, TERMINAL, { TERM: "xterm", CI: "true" }, "lines"],
    [{}, TERMINAL, { TERM: "xterm", CI: "1" }, "lines"],
    [{}, TERMINAL, { TERM: "dumb" }, "lines"],
    [{}, { isTTY: true, columns: 0 }, {}, "lines"],
    [{}, {}, {}, "lines"],
    [{ quiet: true }, TERMINAL, {}, "quiet"],
    [{ quiet: true, log: "json" }, TERMINAL, {}, "json"],
  ] as const)("of %j on %j under %j is %s", (options, stream, environment, style) => {
    expect(logStyle(options, stream, environment)).toBe(style);
  });

  it("is asked for before the command line is parsed", () => {
    expect(outputOptionsOf(["ingest", "a", "--json", "--log", "json"])).toEqual({
      json: true,
      quiet: false,
      log: "json",
    });
    expect(outputOptionsOf(["search", "-q", "--", "--json"])).toEqual({
      json: false,
      quiet: true,
      log: "text",
    });
  });
});

describe("text on a terminal", () => {
  it("shows characters that turn the direction of writing as escapes", () => {
    for (const character of "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u200E\u200F\u061C") {
      const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
      expect(printable(`invoice${character}fdp.exe`)).toBe(`invoice\\u${code}fdp.exe`);
    }
    expect(printable("שלום a\tb\nc")).toBe("שלום a\tb\nc");
  });

  it("has no control characters and no credentials", () => {
    expect(printable("a\u001B[31mb\u0008c https://e.com/x?token=s3")).toBe(
      "abc https://e.com/x?token=[secret]",
    );
  });
});
