import { describe, expect, it } from "vitest";
import { visibleText } from "../../../../src/internal/markup/visible-text.js";

describe("raised text", () => {
  it.each([
    ["1,204<sup>2</sup>", "1,204 [2]"],
    ["Revenue<sup>1</sup>", "Revenue [1]"],
    ["Revenue<sup>1</sup>, net", "Revenue [1], net"],
    ["45<sup>3</sup> million", "45 [3] million"],
    ["45<sup>3</sup>million", "45 [3] million"],
    ["12<sup>(4)</sup>", "12 [4]"],
    ["12<sup>4)</sup>", "12 [4]"],
    ["1930<sup>1</sup><sup>[4]</sup>", "1930 [1] [4]"],
    ["0.016<sup>c</sup>", "0.016 [c]"],
    ["0.087<sup>a,b</sup>", "0.087 [a,b]"],
    ["9.5<sup>1,</sup><sup>2</sup>", "9.5 [1] [2]"],
    ["a<sup>1</sup><sup>,</sup><sup>2</sup> b", "a [1], [2] b"],
    ["a<sup>[</sup><sup>1</sup><sup>]</sup> b", "a[1] b"],
    ["a<sup>[]</sup> b", "a b"],
    ["a<sup>1</sup><sup>–3</sup> b", "a [1] [–3] b"],
    ["Cash = NI<sup>2</sup> + total<sup>3</sup>", "Cash = NI [2] + total [3]"],
    ["N = no<sup>2</sup>", "N = no [2]"],
    ["CO<sub>2</sub><sup>3</sup>", "CO2 [3]"],
    ["Class B<sup>2</sup>, Table 2E<sup>3</sup>", "Class B [2], Table 2E [3]"],
    ["x<sub>1</sub> net<sup>2</sup>", "x1 net [2]"],
    ["7 %<sup>1</sup>", "7 % [1]"],
    ["(in thousands)<sup>2</sup>", "(in thousands) [2]"],
    ["**1,204**<sup>2</sup>", "**1,204** [2]"],
    ['<a href="#n">12<sup><a>3</a></sup></a>', "12 [3]"],
    ['12<span style="font-size: 8px; vertical-align: super">3</span>', "12 [3]"],
    ['12<span class="superscript">3</span>', "12 [3]"],
    ["<sup>3</sup> Restated", "[3] Restated"],
    ["<sup>3</sup>Restated", "[3] Restated"],
    ["<sup><sup>1</sup></sup> Net", "[1] Net"],
  ])("is a note beside a word or a figure: %s", (html, expected) => {
    expect(visibleText(html)).toBe(expected);
  });

  it.each([
    ["10<sup>6</sup>", "10^6"],
    ["1.5 × 10<sup>-3</sup>", "1.5 × 10^-3"],
    ["1.5x10<sup>6</sup>", "1.5x10^6"],
    ["2<sup>32</sup>", "2^32"],
    ["2<sup>2<sup>3</sup></sup>", "2^2^3"],
    ["x<sup>n+1</sup>", "x^(n+1)"],
    ["e<sup>−x</sup>", "e^(−x)"],
    ["(a + b)<sup>2</sup>", "(a + b)^2"],
    ["10<sup>9</sup>/L and 10<sup>12</sup>/L", "10^9/L and 10^12/L"],
    ["5×10<sup>4</sup>/ml, 10<sup>3</sup>/µL", "5×10^4/ml, 10^3/µL"],
    ["10<sup>9</sup>/<i>L</i>, <i>10</i><sup>9</sup>/<b><i>L</i></b>", "10^9/L, 10^9/L"],
    ["10<sup>6</sup>5", "10^6 5"],
    ["x<sup>2</sup>3", "x² 3"],
    ["5 m<sup>3</sup>/s", "5 m³/s"],
    ["3 W/m<sup>2</sup>/K", "3 W/m²/K"],
    ["m<sup>3</sup>/<i>s</i>", "m³/s"],
    ["m<sup>2</sup>", "m²"],
    ["kWh/m<sup>2</sup>", "kWh/m²"],
    ["W m<sup>-2</sup>", "W m⁻²"],
    ["x<sup>2</sup>", "x²"],
    ["R<sup>2</sup>", "R²"],
    ["E=mc<sup>2</sup> is known, E = mc<sup>2</sup>", "E=mc² is known, E = mc²"],
    ["s = ½gt<sup>2</sup>", "s = ½gt²"],
    ["the area is πr<sup>2</sup>, 4πr<sup>2</sup>, σT<sup>4</sup>", "the area is πr², 4πr², σT⁴"],
    ["x<sub>1</sub><sup>2</sup> + y<sub>i</sub><sup>3</sup>", "x1^2 + yi^3"],
    ["σ<sub>max</sub><sup>2</sup>k", "σmax^2 k"],
    ["3.1<sup>+0.2</sup><sub>−0.1</sub> Gyr", "3.1 +0.2 −0.1 Gyr"],
    ["3<sub>−0.1</sub><sup>+0.2</sup>", "3 −0.1 +0.2"],
    ["5 %<sup>+0.3%</sup>", "5 % +0.3%"],
    ["x<sup>-0.5</sup>, 10<sup>−0.5</sup>", "x^-0.5, 10^−0.5"],
    ["L capita<sup>−1</sup>", "L capita^−1"],
    ["sin<sup>2</sup>x + cos<sup>2</sup> x", "sin^2 x + cos^2 x"],
    ["A<sup>T</sup>A = X<sup>T</sup>X", "A^T A = X^T X"],
    ["2.5E<sup>3</sup>", "2.5E3"],
    ["Ca<sup>2+</sup>", "Ca²⁺"],
    ["SO<sub>4</sub><sup>2−</sup>", "SO4^2−"],
    ["<sup>14</sup>C dating", "¹⁴C dating"],
  ])("is a power or a charge: %s", (html, expected) => {
    expect(visibleText(html)).toBe(expected);
  });

  it.each([
    ["1<sup>st</sup> and 22<sup>nd</sup>", "1st and 22nd"],
    ["XIX<sup>e</sup> siècle", "XIXe siècle"],
    ["M<sup>me</sup> Curie", "Mme Curie"],
    ["n<sup>o</sup> 5", "nº 5"],
    ["20<sup>o</sup>C", "20°C"],
    ["Brand<sup>TM</sup>", "Brand™"],
    ["5.2<sup>*</sup>", "5.2*"],
    ["0.3<sup>†‡</sup>", "0.3†‡"],
    ["18<sup>+</sup>", "18+"],
    ["the 1,000<sup>th</sup> unit, the 12,001<sup>st</sup>", "the 1,000th unit, the 12,001st"],
    ["<sup>1</sup>/<sub>2</sub>", "1/2"],
    ["3<sup>1</sup>/2 and 5<sup>3</sup>/<sub>4</sub>", "3 1/2 and 5 3/4"],
    ["2<sup>1</sup>⁄<sub>2</sub>", "2 1⁄2"],
    ["1,204²", "1,204²"],
    ["word<sup></sup> word", "word word"],
  ])("is part of an abbreviation, a sign or a fraction: %s", (html, expected) => {
    expect(visibleText(html)).toBe(expected);
  });
});

describe("lowered text", () => {
  it.each([
    ["H<sub>2</sub>O", "H2O"],
    ["CO<sub>2</sub>e", "CO2e"],
    ["Ca(OH)<sub>2</sub>", "Ca(OH)2"],
    ["V<sub>max</sub>", "Vmax"],
    ["log<sub>10</sub>(x)", "log10(x)"],
    ["1010<sub>2</sub>", "1010_2"],
    ["log<sub>2</sub>8 and log<sub>10</sub>100", "log2 8 and log10 100"],
    ["a<sub>1</sub><i>2</i>", "a1 2"],
    ["5<sub>10</sub>7", "5_10 7"],
    ["C<sub>6</sub>H<sub>12</sub>O<sub>6</sub>", "C6H12O6"],
    ["<table><tr><td><sub>2</sub></td><td>8</td></tr></table>", "2 8"],
    ['H<span style="vertical-align:sub">2</span>O', "H2O"],
  ])("stays in its word, and apart from a figure: %s", (html, expected) => {
    expect(visibleText(html)).toBe(expected);
  });
});

describe("text that a style raises or lowers", () => {
  it.each([
    ['1,204<font style="font-size:6.5pt;vertical-align:top;line-height:120%">(1)</font> m', "1,204 [1] m"],
    ['45<span style="font-size:6.5pt;position:relative;top:-3.5pt">3</span>', "45 [3]"],
    ["45<span style='mso-text-raise:4.0pt'>3</span>", "45 [3]"],
    ['45<span style="font-size: smaller; vertical-align: text-top">3</span>', "45 [3]"],
    ['45<font size="1" style="vertical-align:top">3</font>', "45 [3]"],
    ['45<span style="vertical-align:4pt;font-size:6pt">3</span>', "45 [3]"],
    ['10<span style="vertical-align:.4em">6</span>', "10^6"],
    ['45<span style="position:relative;bottom:3px">3</span>', "45 [3]"],
    ['H<span style="vertical-align:-3pt">2</span>O', "H2O"],
    ['1010<span style="position: relative; top: 3pt">2</span>', "1010_2"],
  ])("is written like sup and sub: %s", (html, expected) => {
    expect(visibleText(html)).toBe(expected);
  });

  it.each([
    ['4<span style="vertical-align:top">5</span>', "45"],
    ['4<span style="font-size:6pt">5</span>', "45"],
    ['4<span style="position:relative;top:-1px">5</span>', "45"],
    ['4<span style="position:absolute;top:-4pt">5</span>', "45"],
    ['4<span style="margin-top:-4pt;position:relative">5</span>', "45"],
    ['4<span style="position:relative;top:-60px">5</span>', "45"],
    ['<table><tr><td>4</td><td style="font-size:8pt;vertical-align:top">5</td></tr></table>', "4 5"],
    ['4<span style="display:inline-block;vertical-align:top;font-size:8pt">5</span>', "45"],
  ])("is not text that a style only aligns: %s", (html, expected) => {
    expect(visibleText(html)).toBe(expected);
  });
});

describe("raised, lowered and struck text in Markdown", () => {
  it.each([
    ["10^6^ t", "10^6 t"],
    ["1,204^2^", "1,204 [2]"],
    ["H~2~O", "H2O"],
    ["~~5 %~~ 7 %", "7 %"],
    ["rate ~~5 %~~ of 7 %", "rate of 7 %"],
    ["x^2+y^2 and x^2y^2", "x^2+y^2 and x^2y^2"],
    ["~5 and ~10 and 5~10~20", "~5 and ~10 and 5~10~20"],
    ["$10^6^$ and `H~2~O`", "$10^6^$ and `H~2~O`"],
    ["~~~\ncode ~~x~~\n~~~", "~~~\ncode ~~x~~\n~~~"],
  ])("%s", (markdown, expected) => {
    expect(visibleText(markdown)).toBe(expected);
  });
});
