import { holds } from "../../src/retrieval/evaluate/holds.js";
import { tablesFromHtml } from "../../src/splitters/tables/reading/html.js";
import type { ParseResult, Question, QuestionSet } from "./questions.js";

/** A cell of a table of the document that contains an answer. */
interface AnswerCell {
  rowKey: string;
  /** The names above its column, outermost first. */
  columnNames: string[];
}

const answerCells = ({ chunks }: ParseResult, { answer, row, column }: Question): AnswerCell[] => {
  const tables = chunks
    .flatMap(({ segments }) => segments)
    .filter(({ segment_type }) => segment_type === "Table")
    .flatMap(({ html, markdown }) => tablesFromHtml(html ?? markdown ?? "").tables);
  return tables.flatMap(({ names, rows }) =>
    rows.flatMap((cells) =>
      cells.flatMap((cell, at): AnswerCell[] => {
        const rowKey = cells[0] ?? "";
        const name = names[at] ?? "";
        const isIt =
          answer.some((words) => holds(cell, words)) &&
          (row === undefined || holds(rowKey, row)) &&
          (column === undefined || holds(name, column));
        return isIt ? [{ rowKey, columnNames: name.split(" / ").filter((part) => part !== "") }] : [];
      }),
    ),
  );
};

/** Tells whether a text contains the answer to a question, and whether the question can be answered from it. */
export interface Judge {
  hit(text: string): boolean;
  answerable(text: string): boolean;
}

const isTableLine = (line: string): boolean => line.trimStart().startsWith("|");

/**
 * Makes the judge of a question. A text is a hit when it contains the answer. For an answer in a table, it is answerable
 * when it also has the key of the row on the same line, and every part of the column's name anywhere; see the README of
 * the benchmarks.
 *
 * @throws Error when the document does not contain the answer, or not in the row or column that the question names
 */
export const judgeOf = ({ name, result }: QuestionSet, question: Question): Judge => {
  const { answer, row, column } = question;
  const hit = (text: string): boolean => answer.some((words) => holds(text, words));
  const cells = answerCells(result, question);
  const namesCell = row !== undefined || column !== undefined;
  const segments = result.chunks.flatMap((chunk) => chunk.segments);
  const isThere = segments.some(({ content, markdown }) => hit(`${content ?? ""}\n${markdown ?? ""}`));
  if (!isThere || (namesCell && cells.length === 0)) {
    throw new Error(
      `${name}: "${question.question}": the document holds no "${answer.join('" or "')}"${namesCell ? ` in row "${row ?? "any"}", column "${column ?? "any"}"` : ""}`,
    );
  }
  const answerable = (text: string): boolean => {
    if (!hit(text)) return false;
    if (cells.length === 0) return true;
    const lines = text.split("\n").filter(hit);
    if (!namesCell && lines.some((line) => !isTableLine(line))) return true;
    return cells.some(
      ({ rowKey, columnNames }) =>
        lines.some((line) => rowKey === "" || holds(line, rowKey)) &&
        columnNames.every((part) => holds(text, part)),
    );
  };
  return { hit, answerable };
};
