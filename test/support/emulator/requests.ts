import { isRecord } from "../../../src/internal/objects.js";

export const SAMPLE = new URL("../../../examples/data/annual-report.json", import.meta.url).pathname;
export const KEY = { "api-key": "a-key" };

export const fileForm = (name = "report.pdf", fields: Record<string, string> = {}): FormData => {
  const form = new FormData();
  form.set("file", new Blob(["%PDF-1.7 text"]), name);
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  return form;
};

export const postForm = (url: string, form: FormData, headers: Record<string, string> = KEY) =>
  fetch(`${url}/parse`, { method: "POST", headers, body: form });

export const presign = (url: string, body: unknown, headers: Record<string, string> = KEY) =>
  fetch(`${url}/v2/parse/upload`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

export const getJob = (url: string, id: string, query = "", headers: Record<string, string> = KEY) =>
  fetch(`${url}/parse/${id}${query}`, { headers });

/** Returns the JSON object in a response. */
export const objectOf = async (response: Response): Promise<Record<string, unknown>> => {
  const value: unknown = await response.json();
  if (!isRecord(value)) throw new Error(`expected a JSON object, got ${JSON.stringify(value)}`);
  return value;
};

export const textOf = (value: unknown): string => {
  if (typeof value !== "string") throw new Error(`expected text, got ${JSON.stringify(value)}`);
  return value;
};

/** Returns the chunks of a result. */
export const chunksOf = (
  result: Record<string, unknown>,
): { chunk_id: string; segments: Record<string, unknown>[] }[] => {
  if (!Array.isArray(result["chunks"])) throw new Error("expected chunks");
  return result["chunks"];
};

/** Submits a file. @returns the id of its job */
export const submit = async (
  url: string,
  name?: string,
  fields?: Record<string, string>,
): Promise<string> => {
  const response = await postForm(url, fileForm(name, fields));
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return textOf((await objectOf(response))["job_id"]);
};

/** A small result, of two chunks. */
export const smallResult = {
  status: "Succeeded",
  page_count: 1,
  total_chunks: 2,
  chunks: [
    {
      chunk_id: "c-1",
      embed: "Żółw",
      segments: [
        { segment_id: "s-1", segment_type: "Text", content: 'Żółw "segment_id": "s-1"', page_number: 1 },
        { segment_id: "s-2", segment_type: "Picture", image: "https://b.example/i,1.jpg", page_number: 1 },
      ],
    },
    {
      chunk_id: "c-2",
      embed: "",
      segments: [
        { segment_id: "s-3", segment_type: "Table", image: null, references: ["s-1"], page_number: 2 },
      ],
    },
  ],
};
