import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinBrokenWords } from "../../../src/internal/text/broken-words.js";
import { searchQuestion, searchText } from "../../../src/internal/text/search-text.js";

const SEED = Number(process.env["SEARCH_TEXT_SEED"] ?? 20_240_301);

describe("the text that word search sees", () => {
  it.each([
    ["in\u00addemni\u00adfication", "indemnification"],
    ["\u202bpay\u2060ment\ufeff", "payment"],
    ["environ\u0002mental", "environmental"],
    ["oﬃcer ﬂuid", "officer fluid"],
    ["cafe\u0301", "café"],
    ["Straße STRASSE STRAẞE", "strasse strasse strasse"],
    ["İstanbul ıstanbul", "istanbul istanbul"],
    ["ΟΔΟΣ οδός", "οδοσ οδοσ"],
    ["ＡＢ－１２", "ab-12"],
    ["٣٫٥ ৪২ ೭", "3٫5 42 7"],
    ["H₂O 40 m²", "h2o 40 m2"],
    ["1,204² covenant³ (a)¹", "1,204 2 covenant 3 (a) 1"],
    ["1½", "1 1/2 "],
    ["Acme™ ①Scope", "acme tm   1 scope"],
    ["l’accord", "l'accord"],
    ["น้ำ", "น้ำ"],
    ["כָּל", "כל"],
  ])("of %j is %j", (text, expected) => {
    expect(searchText(text)).toBe(expected);
  });

  it("leaves ASCII to the store as it is", () => {
    const text = "The Board (of ACME, Inc.) approved AB-1234/X at 10:15.\n\n| a | b |";
    expect(searchText(text)).toBe(text);
  });

  it("keeps case where the store tells it apart", () => {
    expect(searchText("Straße ＡＢ", { keepsCase: true })).toBe("Straße AB");
  });

  it(`is the same for a word in each way it is printed (seed ${SEED})`, () => {
    const letters = fc.constantFrom(..."aZßẞéÜçñøœİıĳﬁﬀςΣόΏάжЁїأعञक한が語", "a\u0308", "i\u0307");
    const invisible = fc.constantFrom("\u00ad", "\u200c", "\u2060", "\ufeff");
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 12 }), invisible, (word, mark) => {
        const text = word.join("");
        const expected = searchText(text).toLowerCase();
        const printed = [text.toUpperCase(), text.toLowerCase(), text.normalize("NFD"), word.join(mark)];
        for (const form of [...printed, expected]) expect(searchText(form).toLowerCase()).toBe(expected);
      }),
      { seed: SEED },
    );
  });
});

describe("the question that word search sees", () => {
  it("has words as they are printed too, for points of earlier versions", () => {
    expect(searchQuestion("die Straße in İstanbul")).toBe("die strasse in istanbul Straße İstanbul");
  });

  it.each(["AB-1234/X?", "the company’s officer", "naïve Kündigungsfrist", "in\u00addemnity"])(
    "has each word of %j once",
    (question) => {
      const words = searchQuestion(question).split(" ");
      expect(new Set(words).size).toBe(words.length);
      expect(words).toHaveLength(question.split(" ").length);
    },
  );
});

describe("words that a line end divides", () => {
  const join = (...texts: string[]) => joinBrokenWords(texts)[0];

  it("are joined where the document has the joined word", () => {
    expect(join("The environ-\nmental permit", "ENVIRONMENTAL matters")).toBe("The environmental permit");
  });

  it("keep their hyphen where the document has the compound", () => {
    expect(join("The long-\nterm lease", "a long‐term view")).toBe("The long-term lease");
  });

  it("are written in both ways without evidence, or with evidence for both", () => {
    expect(join("any re-\nnewable source")).toBe("any re-newable renewable source");
    expect(join("on-\nline", "online and on-line")).toBe("on-line online");
  });

  it.each([
    ["in-\ndemni-\n fication.", "in-demni-fication indemnification."],
    ["a reor- ganisation", "a reor-ganisation reorganisation"],
    ["ENVIRON-\r\nMENTAL", "ENVIRON-MENTAL ENVIRONMENTAL"],
    ["Ver\u00ad\ntrag, Kündi¬\ngung, environ\u0002\nmental", "Vertrag, Kündigung, environmental"],
    ["дого-\nвор", "дого-вор договор"],
    ["well-known-\nness", "well-known-ness knownness"],
    ["one-\ntwo three-\nfour", "one-two onetwo three-four threefour"],
  ])("are read in %j", (text, expected) => {
    expect(join(text)).toBe(expected);
  });

  it.each([
    "pre- and post-sale",
    "Haus-\nund Gartenarbeit",
    "Baden-\nWürttemberg",
    "ISO-\n9001",
    "Covid-\n19",
    "costs:\n- rent\n- heat",
    "a - b",
    "| - | a |",
    "end\n-\nstart",
    `${"a".repeat(50)}-\nb`,
  ])("are not read into %j", (text) => {
    expect(join(text)).toBe(text);
  });

  it(`lose no letter (seed ${SEED})`, () => {
    const piece = fc.constantFrom("ab", "C", "-\n", "- ", "\u00ad\n", "¬\n", "and", " ", "\n", "é", "1");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const letters = (given: string) => given.match(/[\p{L}\p{N}]/gu) ?? [];
        const joined = join(text) ?? "";
        const left = letters(joined);
        // Every letter of the text comes in its order; a word written in both ways adds some.
        let at = 0;
        for (const letter of left) if (letter === letters(text)[at]) at++;
        expect(at).toBe(letters(text).length);
      }),
      { seed: SEED },
    );
  });
});
