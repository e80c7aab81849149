import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { plainBytes } from "../../src/parse-api/results/decode-bytes.js";
import { typeset } from "../support/typeset/result.js";

const text = z.string().min(1);

/** A question in the form of `annual-report.questions.json`; the fields after `answer` are optional. */
const questionSchema = z.strictObject({
  question: text,
  /** Words that the answering text contains; if there are several, one of them. */
  answer: z.union([text, z.array(text).min(1)]).transform((answer) => [answer].flat()),
  /** For an answer in a table: words of the first cell of its row. */
  row: text.optional(),
  /** For an answer in a table: words of the name of its column. */
  column: text.optional(),
});

export type Question = z.output<typeof questionSchema>;

const resultSchema = z.looseObject({
  chunks: z.array(
    z.looseObject({
      embed: z.string().nullish(),
      segments: z.array(
        z.looseObject({
          segment_type: z.string(),
          content: z.string().nullish(),
          markdown: z.string().nullish(),
          html: z.string().nullish(),
        }),
      ),
    }),
  ),
});

export type ParseResult = z.output<typeof resultSchema>;

/** A parsed document and the questions it answers. */
export interface QuestionSet {
  name: string;
  result: ParseResult;
  questions: Question[];
}

/** Reads the text of a file, compressed or not, in any encoding of parse results. */
const textOf = async (file: string): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of plainBytes(createReadStream(file), file)) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
};

/**
 * Reads a set.
 *
 * @param resultFile a saved parse result, `.json` or `.json.gz`, or an authored document, `.md`, which is laid out first
 * @throws Error naming a file that is not valid
 */
export const readSet = async (resultFile: string, questionsFile: string): Promise<QuestionSet> => {
  const given = resultFile.endsWith(".md")
    ? typeset(await textOf(resultFile))
    : JSON.parse(await textOf(resultFile));
  const result = resultSchema.safeParse(given);
  if (!result.success) throw new Error(`${resultFile}: ${z.prettifyError(result.error)}`);
  const questions = z
    .array(questionSchema)
    .min(1)
    .safeParse(JSON.parse(await readFile(questionsFile, "utf8")));
  if (!questions.success) throw new Error(`${questionsFile}: ${z.prettifyError(questions.error)}`);
  const name = path.basename(resultFile).replace(/\.(?:md|json(?:\.gz)?)$/, "");
  return { name, result: result.data, questions: questions.data };
};
