import { BLOCK_ELEMENTS } from "./html/elements.js";
import { readHtml } from "./html/html.js";
import { drawsFormula, isUnseen, shiftedBy } from "./html/styles.js";
import { fieldText, labelText, mayHaveLabel, pictureLatex, pictureText, roleMark } from "./labels.js";
import { LineWriter, withSingleBlanks } from "./line-writer.js";
import { ListMarkers } from "./list-markers.js";
import { latexToHtml } from "./math/latex-text.js";
import { MathReader } from "./math/mathml.js";
import { apart, writeLowered, writePower, writeRaised } from "./math/raised.js";
import { UnprintedFilter } from "./unprinted.js";

type Attributes = Readonly<Record<string, string>>;

const latexFormula = (latex: string): string =>
  readHtml(latexToHtml(latex), () => new InlineWriter({ isFormula: true })).take();

/** An open element that does something when it is closed. */
interface Frame {
  depth: number;
  close(): void;
}

/** Something whose form depends on the text after it. */
interface Pending {
  kind: "raised" | "lowered" | "label" | "drawing";
  text: string;
  /** What has come after it and does not decide: blanks after a label, a slash after a raised text. */
  after: string;
  /** What is before the lowered text that a raised one is beside. */
  above?: string | undefined;
}

const isUndecided = (kind: Pending["kind"], text: string): boolean =>
  kind === "label" || kind === "drawing"
    ? /^[^\S\n]+$/.test(text)
    : kind === "raised" && /^ ?[/⁄∕]$/.test(text);

/** The options of a list: those that are selected, and all. */
interface Options {
  selected: string[];
  all: string[];
}

/**
 * Writes what HTML prints as plain text. This is the one place that decides what becomes of markup, for texts, headings
 * and cells alike.
 *
 * Raised text keeps its distance from figures, struck text is left out, inserted text stays. A picture is its alternative
 * text, a checkbox `☑` or `☐`, a list of options what is selected, ruby `東京(とうきょう)`, a formula one line of text.
 */
export class InlineWriter {
  /** Whether line ends outside of blocks are kept, as in Markdown. */
  readonly #keepsLines: boolean;
  readonly #isFormula: boolean;
  readonly #frames: Frame[] = [];
  #depth = 0;
  /** The depth at which an element without visible text is open; 0 without one. */
  #unseenAt = 0;
  #blocks = 0;
  #preformatted = 0;
  #quotes = 0;
  #raised = 0;
  /** The last lowered text: what is before it, and what had been written after it. */
  #lowered: { before: string; written: number } | undefined;
  /** What had been written after the last formula. */
  #formulaEnd = -1;
  #math: { reader: MathReader; depth: number } | undefined;
  /** How the ruby text that is open is read. */
  #reading: string[] | undefined;
  #options: Options | undefined;
  #pending: Pending | undefined;
  /** Whether a blank is dropped that comes next, as one stands before the text that was left out. */
  #dropsBlank = false;
  #isAfterBreak = false;
  readonly #unprinted = new UnprintedFilter();
  readonly #lists = new ListMarkers();
  readonly #lines = new LineWriter(this.#lists);

  constructor({ keepsLines = false, isFormula = false }: { keepsLines?: boolean; isFormula?: boolean } = {}) {
    this.#keepsLines = keepsLines;
    this.#isFormula = isFormula;
  }

  open(name: string, attributes: Attributes): void {
    const depth = ++this.#depth;
    if (this.#unseenAt > 0) return;
    if (this.#math) {
      this.#math.reader.open(name, attributes);
      return;
    }
    if (isUnseen(name, attributes)) {
      this.#hide();
      return;
    }
    if (drawsFormula(name, attributes)) {
      this.#collect((text) => {
        if (text !== "") this.#pending = { kind: "drawing", text, after: "" };
      });
      return;
    }
    this.#openGap(name);
    this.#openRole(attributes);
    this.#openElement(name, attributes, depth);
  }

  close(name: string): void {
    const depth = this.#depth--;
    if (this.#unseenAt > 0) {
      if (this.#unseenAt === depth) this.#unseenAt = 0;
      return;
    }
    if (this.#math) {
      if (this.#math.depth === depth) this.#closeMath(this.#math.reader);
      else this.#math.reader.close();
      return;
    }
    for (let frame = this.#frames.at(-1); frame?.depth === depth; frame = this.#frames.at(-1)) {
      this.#frames.pop();
      frame.close();
    }
    if (name === "pre") this.#preformatted -= 1;
    if (BLOCK_ELEMENTS.has(name)) {
      this.#blocks -= 1;
      this.#break();
    }
  }

  text(data: string): void {
    if (this.#unseenAt > 0) return;
    if (this.#math) {
      this.#math.reader.text(data);
      return;
    }
    const isVerbatim = this.#preformatted > 0 || (this.#keepsLines && this.#blocks === 0);
    let text = this.#unprinted.filter(data);
    if (this.#isAfterBreak) {
      // The line end after a break is that of the source.
      if (isVerbatim && !this.#lines.isCollecting) text = text.replace(/^[ \t]*\r?\n/, "");
      if (text !== "") this.#isAfterBreak = false;
    }
    if (!isVerbatim) text = withSingleBlanks(text);
    if (this.#dropsBlank) {
      if (/^[ \t]/.test(text)) text = text.slice(1);
      if (text !== "") this.#dropsBlank = false;
    }
    if (this.#pending && isUndecided(this.#pending.kind, text)) {
      this.#pending.after += text;
      return;
    }
    if (text === "") return;
    this.#settle(text);
    if (isVerbatim && !this.#lines.isCollecting) this.#lines.writeVerbatim(text);
    else this.#lines.write(text);
  }

  /** Takes the text written so far, and begins with an empty one. */
  take(): string {
    this.#break();
    this.#dropsBlank = false;
    this.#isAfterBreak = false;
    this.#formulaEnd = -1;
    return this.#lines.take();
  }

  #openRole(attributes: Attributes): void {
    const mark = roleMark(attributes);
    if (mark !== "") this.#label(mark);
    else if (mayHaveLabel(attributes)) this.#openLabelled(attributes);
  }

  #openElement(name: string, attributes: Attributes, depth: number): void {
    switch (name) {
      case "math":
        this.#dropDrawing();
        this.#math = { reader: new MathReader(attributes), depth };
        return;
      case "script":
        this.#openLatex();
        return;
      case "img": {
        const latex = pictureLatex(attributes);
        if (latex === "") this.#label(pictureText(attributes));
        else if (!this.#isAfterFormula) this.#writeFormula(latexFormula(latex));
        return;
      }
      case "input":
        this.#label(fieldText(attributes));
        return;
      case "q":
        this.#quotes += 1;
        this.#settle("“");
        this.#lines.write(this.#quotes % 2 === 1 ? "“" : "‘");
        this.#onClose(() => {
          this.#settle("");
          this.#lines.write(this.#quotes % 2 === 1 ? "”" : "’");
          this.#quotes -= 1;
        });
        return;
      case "ol":
      case "ul":
      case "li":
        this.#lists.open(name, attributes);
        this.#onClose(() => this.#lists.close(name));
        return;
      case "rp":
        this.#hide();
        return;
      case "ruby":
        this.#openRuby();
        return;
      case "rt":
      case "rtc":
        this.#openReading();
        return;
      case "select":
        this.#openSelect(attributes);
        return;
      case "option":
        this.#openOption(attributes);
        return;
      case "sup":
      case "sub":
        this.#openShifted(name);
        return;
    }
    const shift = shiftedBy(name, attributes);
    if (shift) this.#openShifted(shift);
  }

  #openShifted(name: "sup" | "sub"): void {
    const isRaised = name === "sup";
    this.#settle("");
    if (isRaised) this.#raised += 1;
    const above = this.#lowered?.written === this.#lines.written ? this.#lowered.before : undefined;
    this.#collect((text) => {
      if (isRaised) this.#raised -= 1;
      if (text !== "") this.#pending = { kind: isRaised ? "raised" : "lowered", text, after: "", above };
    });
  }

  #openLabelled(attributes: Attributes): void {
    this.#settle("");
    const before = this.#lines.written;
    this.#onClose(() => {
      this.#settle("");
      if (this.#lines.written === before) this.#label(labelText(attributes));
    });
  }

  #openRuby(): void {
    const outer = this.#reading;
    const reading: string[] = [];
    this.#reading = reading;
    this.#collect((text) => {
      this.#reading = outer;
      const isLatin = reading.some((each) => /\p{Script=Latin}/u.test(each));
      this.#lines.write(reading.length === 0 ? text : `${text}(${reading.join(isLatin ? " " : "")})`);
    });
  }

  #openReading(): void {
    const reading = this.#reading;
    if (!reading) return;
    this.#collect((text) => {
      if (text !== "") reading.push(text);
    });
  }

  #openSelect(attributes: Attributes): void {
    const outer = this.#options;
    const options: Options = { selected: [], all: [] };
    this.#options = options;
    this.#collect(() => {
      this.#options = outer;
      const { selected, all } = options;
      this.#label(selected.length > 0 || "multiple" in attributes ? selected.join(", ") : (all[0] ?? ""));
    });
  }

  #openOption(attributes: Attributes): void {
    const options = this.#options;
    if (!options) return;
    this.#collect((text) => {
      options.all.push(text);
      if ("selected" in attributes) options.selected.push(text);
    });
  }

  #closeMath(reader: MathReader): void {
    this.#math = undefined;
    this.#writeFormula(reader.write());
    this.#formulaEnd = this.#lines.written;
  }

  /** Whether nothing has come after a formula, so that its LaTeX or its picture says it again. */
  get #isAfterFormula(): boolean {
    return this.#pending === undefined && this.#formulaEnd === this.#lines.written;
  }

  #openLatex(): void {
    const isRepeated = this.#isAfterFormula;
    this.#dropDrawing();
    this.#collect((text) => {
      if (isRepeated) this.#formulaEnd = this.#lines.written;
      else this.#writeFormula(latexFormula(text));
    });
  }

  #writeFormula(text: string): void {
    if (text === "") return;
    this.#settle(text);
    this.#lines.write(text);
  }

  /** Leaves out what draws the formula that comes now. */
  #dropDrawing(): void {
    if (this.#pending?.kind !== "drawing") return;
    const { after } = this.#pending;
    this.#pending = undefined;
    this.#lines.write(after);
  }

  /** Writes a text that is no part of the word beside it, such as that of a picture. */
  #label(text: string): void {
    if (text === "") return;
    this.#settle("");
    this.#pending = { kind: "label", text, after: "" };
  }

  /** Writes what waits for the text after it. */
  #settle(next: string): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    const { kind, text, after, above } = pending;
    const before = this.#lines.tail;
    if (kind === "lowered") {
      this.#lines.write(writeLowered(before, text, next));
      this.#lowered = { before, written: this.#lines.written };
    } else if (kind === "raised") {
      const isNested = this.#raised > 0;
      if (isNested && before === "") this.#lines.write(text);
      else if (this.#isFormula) this.#lines.write(writePower(text, after + next));
      else this.#lines.write(isNested ? `^${text}` : writeRaised(before, text, after + next, above));
      this.#lines.write(after);
    } else if (kind === "drawing") this.#lines.write(text + after);
    // A flag beside the name of its country says it again.
    else if (!next.trimStart().startsWith(text) && !before.trimEnd().endsWith(text)) {
      this.#lines.write(apart(before, text, after === "" ? next : ""));
      if (after !== "") this.#lines.write(" ");
    }
  }

  #hide(): void {
    this.#settle("");
    this.#unseenAt = this.#depth;
    const tail = this.#lines.tail;
    this.#dropsBlank = tail === "" || /\s$/.test(tail);
  }

  #onClose(close: () => void): void {
    this.#frames.push({ depth: this.#depth, close });
  }

  /** Collects the text of the element that was opened. */
  #collect(close: (text: string) => void): void {
    this.#settle("");
    const end = this.#lines.collect();
    this.#onClose(() => {
      this.#settle("");
      close(end());
    });
  }

  #openGap(name: string): void {
    if (BLOCK_ELEMENTS.has(name)) {
      this.#break();
      this.#blocks += 1;
    } else if (name === "br") this.#break();
    else if (name === "td" || name === "th") {
      this.#settle(" ");
      if (!this.#lines.isLineEmpty) this.#lines.write(" ");
    }
    if (name === "pre") this.#preformatted += 1;
  }

  #break(): void {
    this.#settle("");
    if (this.#lines.isCollecting) {
      this.#lines.write(" ");
      return;
    }
    if (!this.#lines.isLineEmpty) this.#lines.endLine();
    this.#isAfterBreak = this.#preformatted === 0;
  }
}
