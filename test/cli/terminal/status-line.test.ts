import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StatusLine } from "../../../src/cli/terminal/status-line.js";
import { Screen } from "../../support/cli/screen.js";

describe("the line that shows progress", () => {
  let screen: Screen;
  let line: StatusLine;
  let parts: string[];
  beforeEach(() => {
    vi.useFakeTimers();
    screen = new Screen(60);
    line = new StatusLine(screen);
    parts = [
      "3/12 sources",
      "0:42",
      "4 parsing",
      "162 segments",
      "a part that needs much more room than there is",
    ];
  });
  afterEach(() => {
    line.stop();
    vi.useRealTimers();
  });

  it("leaves out the last parts on a narrow terminal, and never wraps", () => {
    line.start(() => parts);
    expect(screen.text).toBe("3/12 sources  0:42  4 parsing  162 segments");
    screen.resize(24);
    vi.advanceTimersByTime(200);
    expect(screen.text).toBe("3/12 sources  0:42");
    screen.resize(8);
    vi.advanceTimersByTime(200);
    expect(screen.text).toBe("");
    screen.resize(120);
    vi.advanceTimersByTime(200);
    expect(screen.text).toContain("there is");
    expect(screen.wrapped).toBe(0);
  });

  it("is written again only when it changes", () => {
    line.start(() => parts);
    const { writes } = screen;
    vi.advanceTimersByTime(5000);
    expect(screen.writes).toBe(writes);
    parts = ["4/12 sources"];
    vi.advanceTimersByTime(200);
    expect(screen.writes).toBe(writes + 1);
    expect(screen.text).toBe("4/12 sources");
  });

  it("makes room for other lines, and is gone when it ends", () => {
    line.start(() => parts);
    line.erase();
    screen.write("a.pdf: failed\r\n");
    vi.advanceTimersByTime(200);
    expect(screen.text).toBe("a.pdf: failed\n3/12 sources  0:42  4 parsing  162 segments");
    line.stop();
    vi.advanceTimersByTime(1000);
    expect(screen.text).toBe("a.pdf: failed\n");
  });
});
