import { expect, it } from "vitest";
import { parseQuestions } from "../../../src/retrieval/evaluate/questions.js";

it("takes words of the answer, a document, a page, and lists of which one suffices", () => {
  const questions = [
    { question: "Who?", answer: "Marchetti" },
    { question: "Where?", document: "report.pdf" },
    { question: "When?", answer: ["2024", "FY24"], document: "report.pdf", page: [2, 3] },
  ];
  expect(parseQuestions(questions, "q.json")).toEqual(questions);
});

it.each<[string, unknown, string]>([
  ["no list", { question: "Who?" }, "q.json: expected a list of questions"],
  ["an empty list", [], "got an empty one"],
  ["no object", ["Who?"], "q.json: question 1: expected object"],
  ["no question", [{ answer: "x" }], "q.json: question 1: question: expected a text, got nothing"],
  ["an empty answer", [{ question: "Who?", answer: " " }], 'question 1 ("Who?"): answer: expected a text'],
  [
    "a page in words",
    [{ question: "Who?", answer: "x", page: "two" }],
    'page: expected a page from 1, or a list of pages of which one suffices, got "two"',
  ],
  ["page 0", [{ question: "Who?", answer: "x", page: 0 }], "page: expected a page from 1"],
  ["a misspelt field", [{ question: "Who?", answer: "x", pages: 2 }], "got also pages"],
  ["no evidence", [{ question: "Who?", page: 2 }], "expected an answer, a document, or both"],
])("refuses %s, naming the question and the field", (_what, value, message) => {
  expect(() => parseQuestions(value, "q.json")).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(message) }),
  );
});

it("counts questions from 1", () => {
  const questions = [{ question: "Who?", answer: "x" }, { question: "Where?" }];
  expect(() => parseQuestions(questions, "q.json")).toThrow('q.json: question 2 ("Where?")');
});
