import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { countTokens } from "../../src/internal/text/tokens.js";

export interface StockFindings {
  parts: number;
  headerMissing: number;
  rows: number;
  rowsCut: number;
}

/**
 * Splits the same tables, as Markdown, with LangChain's splitter, and counts the parts without the header line and the
 * rows that no part contains whole although they are within the budget.
 */
export const splitWithStock = async (
  markdown: readonly string[],
  chunkSize: number,
): Promise<StockFindings> => {
  const splitter = new RecursiveCharacterTextSplitter({
    chunkSize,
    chunkOverlap: 0,
    lengthFunction: countTokens,
  });
  const found: StockFindings = { parts: 0, headerMissing: 0, rows: 0, rowsCut: 0 };
  for (const text of markdown) {
    const parts = await splitter.splitText(text);
    const lines = text.split("\n");
    const rule = lines.findIndex((line) => /^\|(?: --- \|)+$/.test(line));
    const header = lines[rule - 1] ?? "";
    const rows = lines.slice(rule + 1);
    const whole = new Set(parts.flatMap((part) => part.split("\n")));
    found.parts += parts.length;
    found.headerMissing += parts.filter((part) => !part.split("\n").includes(header)).length;
    found.rows += rows.length;
    found.rowsCut += rows.filter((row) => !whole.has(row) && countTokens(row) <= chunkSize).length;
  }
  return found;
};
