import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import { parseOptions } from "../../internal/options.js";

/** A question and the evidence that must be found for it. A hit counts when it meets everything that is given. */
export interface EvaluationQuestion {
  /** The question, as users ask it. */
  question: string;
  /**
   * Words that the hit must contain, as whole words, in any case; of several, one suffices. Figures as they are printed,
   * such as `"5.5 times"`.
   */
  answer?: string | string[] | undefined;
  /** The document that the hit must be of: its `doc_id`, or the file name in it, with or without its extension. */
  document?: string | undefined;
  /** The page that the hit must be on, from 1; of several, one suffices. */
  page?: number | number[] | undefined;
}

const FIELDS = {
  question: z.string().trim().min(1),
  answer: z.union([z.string().trim().min(1), z.array(z.string().trim().min(1)).min(1)]).optional(),
  document: z.string().min(1).optional(),
  page: z.union([z.number().int().min(1), z.array(z.number().int().min(1)).min(1)]).optional(),
};
const EXPECTED = {
  question: "expected a text",
  answer: "expected a text, or a list of texts of which one suffices",
  document: "expected the id or file name of a document",
  page: "expected a page from 1, or a list of pages of which one suffices",
};

export const questionSchema = z
  .strictObject(FIELDS, {
    error: ({ code, keys }) =>
      code === "unrecognized_keys"
        ? `expected the fields ${Object.keys(FIELDS).join(", ")}, got also ${String(keys)}`
        : undefined,
  })
  .refine(
    ({ answer, document }) => answer !== undefined || document !== undefined,
    "expected an answer, a document, or both, to tell which hits are right",
  );

export type ParsedQuestion = z.output<typeof questionSchema>;

/** Checks one field at a time, so that the message names it and says what it may be. */
const checkFields = (value: unknown, where: string): void => {
  for (const [name, schema] of Object.entries(FIELDS)) {
    const given = propertyOf(value, name);
    if (schema.safeParse(given).success) continue;
    const expected = propertyOf(EXPECTED, name);
    throw new UnsiloedError(
      "INVALID_OPTION",
      `${where}: ${name}: ${expected}, got ${given === undefined ? "nothing" : JSON.stringify(given).slice(0, 60)}`,
    );
  }
};

/**
 * Checks questions as a file has them: a list of objects.
 *
 * @param where what they are from, put before the message
 * @throws UnsiloedError `INVALID_OPTION`, naming the question and the field
 */
export const parseQuestions = (value: unknown, where: string): ParsedQuestion[] => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new UnsiloedError(
      "INVALID_OPTION",
      `${where}: expected a list of questions, such as [{"question": "…", "answer": "…"}], got ${Array.isArray(value) ? "an empty one" : typeof value}`,
    );
  }
  return value.map((item: unknown, index) => {
    const text = propertyOf(item, "question");
    const name = typeof text === "string" ? ` (${JSON.stringify(text.slice(0, 60))})` : "";
    const place = `${where}: question ${index + 1}${name}`;
    if (typeof item === "object" && item !== null) checkFields(item, place);
    return parseOptions(questionSchema, item, place);
  });
};
