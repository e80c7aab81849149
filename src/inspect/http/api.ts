import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { messageOf, UnsiloedError } from "../../errors.js";
import { parseOptions } from "../../internal/options.js";
import { STANDINGS } from "../../ledger/standing.js";
import type { Problem } from "../contract.js";
import { collectionInfo } from "../data/collection-info.js";
import { describeDocument, recordOf } from "../data/describe.js";
import { DocumentLister } from "../data/document-list.js";
import { OpenDocuments } from "../data/open-document.js";
import type { Questions } from "../data/question.js";
import { reportOn } from "../data/report.js";
import { findSource, SourceFiles } from "../data/source-file.js";
import type { Inspected } from "../options.js";
import { sendFile } from "./send-file.js";

const wholeNumber = z.coerce.number().int().min(0);

const listSchema = z.strictObject({
  search: z.string().default(""),
  standing: z.enum(STANDINGS).optional(),
  offset: wholeNumber.default(0),
  limit: wholeNumber.min(1).max(500).default(100),
});
const documentSchema = z.strictObject({ doc: z.string() });
const pageSchema = documentSchema.extend({ page: wholeNumber });
const segmentSchema = documentSchema.extend({ index: wholeNumber });
const splitSchema = documentSchema.extend({ id: z.string() });

const STATUS: Readonly<Partial<Record<string, 400 | 404 | 502>>> = {
  INVALID_OPTION: 400,
  COLLECTION_NOT_FOUND: 404,
  FILE_NOT_FOUND: 404,
  UNSUPPORTED_SEARCH: 400,
  STORE_UNREACHABLE: 502,
};

const answerProblem = (thrown: Error, context: Context) => {
  const code = thrown instanceof UnsiloedError ? thrown.code : "UNEXPECTED";
  const problem: Problem = { error: { code, message: messageOf(thrown) } };
  return context.json(problem, STATUS[code] ?? 500);
};

/** A question with its filters is far shorter. */
const MOST_BYTES = 1_000_000;

/** Makes the routes that the page reads. None changes anything. */
export const inspectApi = (inspected: Inspected, questions: Questions): Hono => {
  const documents = new OpenDocuments(inspected);
  const sources = new SourceFiles();
  const lister = new DocumentLister(inspected, () => performance.now());

  const query = <S extends z.ZodType>(context: Context, schema: S): z.output<S> =>
    parseOptions(schema, context.req.query(), "inspect");

  const opened = async (doc: string) => documents.get(await recordOf(inspected, doc));

  return new Hono()
    .onError(answerProblem)
    .get("/collection", async (context) => context.json(await collectionInfo(inspected)))
    .get("/documents", async (context) => context.json(await lister.list(query(context, listSchema))))
    .get("/document", async (context) => {
      const found = await opened(query(context, documentSchema).doc);
      const source = await sources.describe(found.document.record);
      return context.json(await describeDocument(inspected, found, source));
    })
    .get("/page", async (context) => {
      const { doc, page } = query(context, pageSchema);
      const { document } = await opened(doc);
      return context.json(document.page(page));
    })
    .get("/segment", async (context) => {
      const { doc, index } = query(context, segmentSchema);
      const { document } = await opened(doc);
      return context.json(document.segment(index));
    })
    .get("/split", async (context) => {
      const { doc, id } = query(context, splitSchema);
      const { document } = await opened(doc);
      return context.json(await document.split(id));
    })
    .get("/report", async (context) => {
      return context.json(await reportOn(await opened(query(context, documentSchema).doc)));
    })
    .post("/question", bodyLimit({ maxSize: MOST_BYTES }), async (context) => {
      // A form of another site could send any other type without asking.
      if (context.req.header("content-type") !== "application/json")
        throw new UnsiloedError("INVALID_OPTION", "question: expected the content type application/json");
      const body: unknown = await context.req.json().catch(() => undefined);
      return context.json(await questions.ask(body));
    })
    .get("/source", async (context) => {
      const found = await findSource(await recordOf(inspected, query(context, documentSchema).doc));
      if (typeof found === "string") throw new UnsiloedError("FILE_NOT_FOUND", found);
      return sendFile(found, context.req.header("range"));
    });
};
