import { describe, expect, it } from "vitest";
import { htmlToText } from "../../../../src/internal/markup/visible-text.js";

const math = (inner: string): string => htmlToText(`<math>${inner}</math>`);

describe("formulas in MathML", () => {
  it.each([
    ["a fraction", "<mfrac><mi>a</mi><mi>b</mi></mfrac>", "a/b"],
    [
      "a fraction of sums",
      "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mrow><mi>c</mi><mo>-</mo><mn>1</mn></mrow></mfrac>",
      "(a + b)/(c - 1)",
    ],
    [
      "a fraction before and after a factor",
      "<mfrac><mn>1</mn><mn>2</mn></mfrac><mi>m</mi><msup><mi>v</mi><mn>2</mn></msup><mo>+</mo><mi>x</mi><mfrac><mn>3</mn><mn>4</mn></mfrac>",
      "1/2 mv^2 + x 3/4",
    ],
    ["a slash", "<mi>a</mi><mo>/</mo><mi>b</mi>", "a/b"],
    ["a mixed number", "<mn>2</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>", "2 1/2"],
    ["a power", "<msup><mn>10</mn><mn>6</mn></msup>", "10^6"],
    ["a power of a sum", "<msup><mi>x</mi><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow></msup>", "x^(n + 1)"],
    ["a negative power", "<msup><mn>10</mn><mrow><mo>−</mo><mn>3</mn></mrow></msup>", "10^−3"],
    ["water", "<msub><mi>H</mi><mn>2</mn></msub><mi>O</mi>", "H2O"],
    ["an index", "<msub><mi>x</mi><mi>i</mi></msub><mo>=</mo><mn>1</mn>", "x_i = 1"],
    ["both scripts", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_i^2"],
    [
      "limits",
      "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>x</mi>",
      "∑_(i = 1)^n x",
    ],
    ["a limit below", "<munder><mi>lim</mi><mi>n</mi></munder><mi>a</mi>", "lim_n a"],
    ["an accent", "<mover><mi>x</mi><mo>¯</mo></mover>", "x̄"],
    ["a root", "<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", "√(x + 1)"],
    ["another root", "<mroot><mi>x</mi><mn>3</mn></mroot>", "x^(1/3)"],
    [
      "a matrix",
      "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable>",
      "[1, 2; 3, 4]",
    ],
    ["fences", "<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"],
    ["a function", "<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", "sin x"],
    [
      "scripts before",
      "<mmultiscripts><mi>C</mi><none/><none/><mprescripts/><mn>6</mn><mn>14</mn></mmultiscripts>",
      "_6^14C",
    ],
  ])("write %s", (_name, inner, expected) => {
    expect(math(inner)).toBe(expected);
  });

  it("write an annotation only when nothing else is shown", () => {
    const tex = '<annotation encoding="application/x-tex">\\frac ab</annotation>';
    expect(math(`<semantics><mfrac><mi>a</mi><mi>b</mi></mfrac>${tex}</semantics>`)).toBe("a/b");
    expect(math(`<semantics>${tex}</semantics>`)).toBe("\\frac ab");
    expect(htmlToText('<math alttext="a/b"></math>')).toBe("a/b");
  });

  it("stay in their sentence, and appear once when KaTeX repeats them", () => {
    const katex =
      '<span class="katex"><math><mi>x</mi></math><span class="katex-html" aria-hidden="true">x</span></span>';
    expect(htmlToText(`<p>where ${katex} is</p>`)).toBe("where x is");
  });
});
