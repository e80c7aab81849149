import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { htmlToText, visibleText } from "../../../src/internal/markup/visible-text.js";

const SEED = 40114;

describe("the visible text of HTML", () => {
  it.each([
    ["<p>one<br>two</p><p>three &amp; four</p>", "one\ntwo\nthree & four"],
    ["<b>5 &lt; 6</b>", "5 < 6"],
    ["a<script>alert(1)</script>b", "ab"],
    ["<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"],
    ["<dl><dt>Term</dt><dd>Meaning</dd></dl>", "Term\nMeaning"],
    ["<ul><li>One<li>Two</ul>", "One\nTwo"],
    ["<pre>  a\n    b</pre>", "  a\n    b"],
    ["<p>text\n  over <i>lines</i></p>", "text over lines"],
    ["<p>&amp;lt;p&amp;gt;</p>", "&lt;p&gt;"],
    ["super<wbr>cali", "supercali"],
    ["<p>See ![it](data:image/png;base64,iVBORw0KGgo=) here</p>", "See it here"],
    ["<p>![C](https://x.example/a.png?w=2&amp;X-Amz-Signature=d)</p>", "![C](https://x.example/a.png?w=2)"],
    ["Kün&shy;di\u00adgung, Frist\u00ad\nende", "Kündigung, Fristende"],
    ["<q>one <q>two</q></q>", "“one ‘two’”"],
    ['<abbr title="Hypertext">HTML</abbr>', "HTML"],
    ['<bdo dir="rtl">abc</bdo>', "abc"],
  ])("%s", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
  });

  it.each([
    ["<del>5%</del><ins>7%</ins>", "7%"],
    ["rate of <s>5 %</s> <u>7 %</u>", "rate of 7 %"],
    ["1<strike>2</strike>", "1"],
    ['1<span style="color:red; text-decoration: underline line-through">2</span>', "1"],
    ['<span style="text-decoration-line:line-through">old <b>text</b></span> new', "new"],
    ['<span style="display: none">7000</span>4.22%', "4.22%"],
    ["<span hidden>7001</span>23", "23"],
    ['<span style="visibility:hidden;color:transparent">02 !</span>2–9', "2–9"],
  ])("contains nothing that is struck out or hidden: %s", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
  });

  it.each([
    [
      'So <span style="display: none;"><math><msup><mi>a</mi><mn>2</mn></msup></math></span><img alt="{\\displaystyle a^{2}}" src="x.svg"> holds.',
      "So a^2 holds.",
    ],
    ['So <img alt="{\\displaystyle {\\frac {1}{2}}mv^{2}}" src="x.svg"> holds.', "So 1/2 mv^2 holds."],
    ['<img class="tex" alt="\\frac{a+b}{\\sqrt {c}}" src="x.png">', "(a+b)/(√(c))"],
    ['<img alt="$e^{-x}y = e^{2^3}$">', "e^-x y = e^(2^3)"],
    ['<img alt="$90^\\circ$">', "90°"],
    ['<img class="photo" alt="file_name of a^b">', "file_name of a^b"],
    ['<math><mi>x</mi></math><img alt="$x$"> and <img alt="$y$">', "x and y"],
    [
      '<mjx-container><svg aria-hidden="true"><g><text>a2</text></g></svg><mjx-assistive-mml><math><msup><mi>a</mi><mn>2</mn></msup></math></mjx-assistive-mml></mjx-container> holds',
      "a^2 holds",
    ],
    ['<svg aria-hidden="true"><text>Fig</text></svg> 2', "Fig 2"],
    [
      'So <span class="MathJax" aria-hidden="true"><nobr>a2</nobr></span><script type="math/tex">a^2</script> holds',
      "So a^2 holds",
    ],
    [
      '<span class="MathJax"><nobr aria-hidden="true">a2</nobr><span><math><msup><mi>a</mi><mn>2</mn></msup></math></span></span><script type="math/tex; mode=display">a^2</script>, <script type="math/tex">b<c</script><script>d</script>',
      "a^2, b<c",
    ],
    ['<span style="display:none">tip <b><math><mi>z</mi></math></b></span>end', "end"],
  ])("has each formula once: %s", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
  });

  it.each([
    ["<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>", "漢字(かんじ)"],
    ["<ruby>東<rt>とう</rt>京<rt>きょう</rt></ruby>に", "東京(とうきょう)に"],
    ["<ruby>北<rt>běi</rt>京<rt>jīng</rt></ruby>", "北京(běi jīng)"],
    ["<ruby><rb>日</rb><rtc><rt>に</rt></rtc></ruby>", "日(に)"],
  ])("has ruby after the whole word: %s", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
  });

  it.each([
    ["<select><option>A<option selected>B</select>", "B"],
    ["<select><option>A</option><option>B</option></select>", "A"],
    [
      "<select multiple><option selected>A</option><option selected>B</option><option>C</option></select>",
      "A, B",
    ],
    ['<input type="checkbox" checked> Paid', "☑ Paid"],
    ['<input type="radio">No', "☐ No"],
    ['<input type=checkbox checked="false">', "☐"],
    ['<span role="checkbox" aria-checked="true"></span> Signed', "☑ Signed"],
    ['<input type="text" value="12 MW">', "12 MW"],
    ['<input type="hidden" value="x">y', "y"],
  ])("contains the text that form fields show: %s", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
  });

  it.each([
    ['<img alt="Yes" src="y.png">', "Yes"],
    ['<img alt="" title="No" src="n.png">', "No"],
    ['<img aria-label="Partly" src="p.png">', "Partly"],
    ['<img src="/icons/tick.svg?v=2">', "✓"],
    ['<img alt="" src="/icons/Red_cross.svg">', "✗"],
    ['<img alt="C.D. Howe, wartime.jpg" src="x.jpg"> Howe', "Howe"],
    ['<img alt="Yes">12<img alt="No">', "Yes 12 No"],
    ['<img alt="France" src="f.svg"> <a>France</a>', "France"],
    ['<svg aria-label="Passed"><path d="M0 0"/></svg>', "Passed"],
    ["<svg><title>Failed</title></svg>", "Failed"],
    ['<i class="fa fa-check"></i>', "✓"],
    ['<span class="glyphicon glyphicon-remove"></span>', "✗"],
    ['<span title="Included"></span>', "Included"],
    ['<span title="a hint">text</span>', "text"],
    ["✔ and ✗ and ☑", "✔ and ✗ and ☑"],
  ])("contains the text of pictures and icons: %s", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
  });

  it.each([
    ["<ol><li>One<li>Two</ol>", "1. One\n2. Two"],
    ['<ol start="3"><li><p>Three</p></li><li>Four</li></ol>', "3. Three\n4. Four"],
    ['<ol><li value="5">Five</li><li>Six</li></ol>', "5. Five\n6. Six"],
    ['<ol type="a" start="26"><li>z</li><li>after z</li></ol>', "z. z\naa. after z"],
    ['<ol type="I" start="4"><li>Fourth</li></ol>', "IV. Fourth"],
    ['<ol style="list-style-type: lower-roman" start="9"><li>Ninth</li></ol>', "ix. Ninth"],
    ['<ol reversed start="2"><li>Two<li>One</ol>', "2. Two\n1. One"],
    ["<ol reversed><li>Unknown</ol>", "Unknown"],
    ['<ol style="list-style:none"><li>Bare</ol>', "Bare"],
    ["<ol><li>One<ul><li>dot</ul><li>Two<ol type=a><li>inner</ol></ol>", "1. One\ndot\n2. Two\na. inner"],
    ["<ol><li><ol type=a><li>Both</ol></ol>", "1. a. Both"],
    ["<ol><li></li><li><sup>2</sup> Note</li></ol>", "2. [2] Note"],
    [
      "<ol><li>1. Written</li><li>(2) too</li><li>1990. A year</li></ol>",
      "1. Written\n(2) too\n3. 1990. A year",
    ],
    ["<li>Alone", "Alone"],
    ["<table><tr><td><ol><li>In<li>a cell</ol></td></tr></table>", "1. In\n2. a cell"],
  ])("numbers the items of ordered lists: %s", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
  });

  it("accepts nesting that is deeper than the stack", () => {
    expect(htmlToText(`${"<div>".repeat(20_000)}deep`)).toBe("deep");
    expect(htmlToText(`<math>${"<mrow>".repeat(20_000)}<mi>x</mi>`)).toBe("x");
    expect(htmlToText(`${"<sup>".repeat(5_000)}x`)).toContain("x");
  });
});

describe("whether a text is HTML", () => {
  it.each([
    ["<sup>3</sup> Restated after the <b>merger</b>.", "[3] Restated after the merger."],
    ["Total: <b>5</b> of <i>n</i> &amp; more", "Total: 5 of n & more"],
    ["<a href='https://x.example'>Annex A</a> applies.", "Annex A applies."],
    ["<section><h2>Scope</h2><p>All sites.</p></section>", "Scope\nAll sites."],
    ["<!-- page 1 --><p>Commented</p>", "Commented"],
    ["<!DOCTYPE html>\n<html><body><p>x</p></body></html>", "x"],
    ["<?xml version='1.0'?><p>x</p>", "x"],
    ["<my-note kind='a'>Custom</my-note> text", "Custom text"],
    ["<ix:nonFraction name='a'>12</ix:nonFraction>", "12"],
    ["<B>LOUD</B>", "LOUD"],
    ["<p>unclosed", "unclosed"],
    ["<b>Important notice", "Important notice"],
    ["ends here</p>", "ends here"],
    ["one<br/>two<br >three", "one\ntwo\nthree"],
    ["Total <b> 5 </b>.", "Total 5 ."],
    ["&lt;p&gt; &amp;lt; &#8364;", "<p> &lt; €"],
  ])("is decided by what its tags enclose: %s", (text, expected) => {
    expect(visibleText(text)).toBe(expected);
  });

  it.each([
    "<table> elements hold rows; use <tr> for each row and <td> for a cell. Close with </table>.",
    "<p> marks a paragraph when x<y and y>z.",
    "Use <b> for bold and </b> to end it.",
    "The <br> tag breaks a line; <br> elements have no end.",
    "<br> breaks a line",
    "Use <br> breaks to end a line.",
    "Use <b> for bold; <br> breaks a line.",
    "Lines are long. Write <br> to start another; <hr> makes a rule.",
    'Here </div> end tags; <h1> to <h6> are headings; <input type="text"> is a field.',
    'A paragraph is between "<p>" and "</p>".',
    "The <img> element needs alt, <script> does not.",
    'Use the <a> element with href, e.g. <a href="x">, for links.',
    'An <input type="text"> field is required.',
    'The <img alt="x"> tag shows a picture.',
    'Set it with <font color="red"> in the first line.',
    'Links (<a href="#top">) go to the top.',
    "if a<b and c>d then i<p",
    "5 < 6 and a <- b",
    "List<String> names = new ArrayList<String>();",
    "Map<String, List<Integer>> and vector<int> v;",
    "const f = <T>(x: T): Promise<T> => x;",
    "#include <stdio.h>\nint main() {}",
    "Jane <jane@x.example> wrote to <j@y.example>",
    "see <https://x.example/a?b=1&copy=2>",
    "Dear <name>, your order <order number> of <date>",
    "`<p>` and `<b>x</b>`",
    "```html\n  <p>x</p> &amp; <b>y</b>\n```",
    "\\(a<b\\) and $x_1<y>z$",
    "text <!-- never closed",
    "a tag <p class=",
    "AT&T and x&copy=1 and &unknown",
    "<?php echo 1 ?>",
    "p<0.05, n>30",
  ])("keep all of the prose: %s", (text) => {
    expect(visibleText(text)).toBe(text);
  });

  it.each([
    ['Paid <input type="checkbox" checked> in full', "Paid ☑ in full"],
    ['Seen by the <img alt="Board" src="b.png"> in May', "Seen by the Board in May"],
    ['Read the <a href="x">annex first', "Read the annex first"],
    ['<font color="red"> important', "important"],
    ['One of <p class="x"> two', "One of\ntwo"],
    ['<p>An <input type="text" value="open"> field</p>', "An open field"],
    ['one and <br class="x"> two', "one and\ntwo"],
    [
      "the terms and <br> conditions; <br> breakfast is extra",
      "the terms and\nconditions;\nbreakfast is extra",
    ],
    ["Rent is due; <br> it ends in May", "Rent is due;\nit ends in May"],
    ['Paid; <input type="checkbox"> is open', "Paid; ☐ is open"],
    ['Name: <input value="Ann"> signed', "Name: Ann signed"],
  ])("reads tags with attributes that are no words of prose: %s", (html, expected) => {
    expect(visibleText(html)).toBe(expected);
  });

  it("reads the markup in prose that speaks of other tags", () => {
    expect(visibleText("If x<y and y>z, <b>5</b> &amp; more")).toBe("If x<y and y>z, 5 & more");
  });

  it.each(["<script>", "<title>", "~~~", "<!--", "<b> ", "![a](", "$ x_ ", "data:image/png;base64,"])(
    "is read in one pass where it repeats %s",
    (piece) => {
      expect(visibleText(piece.repeat(100_000)).length).toBeLessThanOrEqual(piece.length * 100_000);
    },
  );

  it("keeps the lines of Markdown", () => {
    const markdown =
      "# Head\n\nLine <b>one</b><br>\ntwo\n\n- a <i>x</i>\n  - b\n\n<div>Block\ntext</div>\n\nEnd";
    expect(visibleText(markdown)).toBe("# Head\n\nLine one\ntwo\n\n- a x\n  - b\n\nBlock text\n\nEnd");
  });

  it("keeps the rows of a table in Markdown", () => {
    expect(visibleText("| a | b |\n|---|---|\n| 1<br>2 | <b>3</b> |")).toBe(
      "| a | b |\n|---|---|\n| 1 2 | 3 |",
    );
  });

  it(`loses no word of prose with angle brackets (seed ${SEED})`, () => {
    const word = fc.constantFrom(
      "x",
      "the",
      "<y",
      "a<b",
      "c>d",
      "<z>",
      "List<T>",
      "<a@b.c>",
      "p",
      ">",
      "<",
      "=",
      "&",
      "12",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const text = words.join(" ");
        expect(visibleText(text)).toBe(text);
      }),
      { seed: SEED },
    );
  });

  it(`treats every element of HTML as markup, in any context (seed ${SEED})`, () => {
    const name = fc.constantFrom(
      "b",
      "i",
      "em",
      "u",
      "ins",
      "span",
      "a",
      "mark",
      "small",
      "x-note",
      "cite",
      "code",
    );
    const attribute = fc.constantFrom("", " class='c'", ' id="1" data-x', " title=t");
    const node = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("word", "1,204", "R&amp;D"),
        fc.tuple(name, attribute, tie("node")).map(([tag, own, inner]) => `<${tag}${own}>${inner}</${tag}>`),
        fc.tuple(tie("node"), tie("node")).map(([one, two]) => `${one} ${two}`),
      ),
    })).node;
    fc.assert(
      fc.property(node, (html) => {
        expect(visibleText(html)).not.toMatch(/[<>]|&amp;/);
        expect(visibleText(html)).toBe(html.replace(/<[^>]*>/g, "").replaceAll("&amp;", "&"));
      }),
      { seed: SEED },
    );
  });
});

describe("pictures in text", () => {
  const data = `data:image/png;base64,${"iVBORw0KGgo".repeat(40)}=`;

  it.each([
    [`Before ![logo](${data}) after`, "Before logo after"],
    [`![logo](<${data}> "title")`, "logo"],
    [`![]( ${data} )x`, "x"],
    [`[![logo](${data})](https://x.example)`, "[logo](https://x.example)"],
    [`![logo][pic] text\n\n[pic]: ${data}`, "logo text"],
    [`<img alt="Bar chart" src="${data}">`, "Bar chart"],
    [`<p style="background:url(${data})">x</p>`, "x"],
    [`.a { background: url('${data}') }`, ".a { background: url('') }"],
    [`raw ${data} end`, "raw  end"],
    ["![s](data:image/svg+xml;utf8,<svg xmlns='x'><text>q</text></svg>) y", "s y"],
    [`![a](${data.slice(0, 100)}\n${"QUJD".repeat(10)}\nAAA=) b`, "a b"],
  ])("never contain data: %s", (text, expected) => {
    expect(visibleText(text).trim()).toBe(expected);
  });

  it("does not change prose that ends in a colon", () => {
    expect(visibleText("Source of data: own figures; data:, raw")).toBe(
      "Source of data: own figures; data:, raw",
    );
  });

  it.each([
    ["X-Amz-Algorithm=A&X-Amz-Date=1&X-Amz-Signature=s&X-Amz-Expires=3600", ""],
    ["v=2&X-Goog-Signature=s&GoogleAccessId=g&Expires=9", "?v=2"],
    ["Expires=1&Signature=s&Key-Pair-Id=k&page=3", "?page=3"],
    ["sv=2020&se=2026-01-01&sr=b&sp=r&sig=abc%3D&w=80", "?w=80"],
    ["token=abc&size=2#top", "?size=2#top"],
    ["page=2&sp=1&e=5", "?page=2&sp=1&e=5"],
    ["a=1&amp;X-Amz-Signature=s", "?a=1"],
  ])("have addresses without expiring parts: %s", (query, kept) => {
    expect(visibleText(`See ![a](https://x.example/a.png?${query}) b`)).toBe(
      `See ![a](https://x.example/a.png${kept}) b`,
    );
    expect(visibleText(`![a][1]\n\n[1]: https://x.example/a.png?${query}`)).toBe(
      `![a][1]\n\n[1]: https://x.example/a.png${kept}`,
    );
  });
});
