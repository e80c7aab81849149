import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { KEY, type Work } from "./pipelines/work.js";
import { COMMAND } from "./program.js";

/** Writes the files to submit: small ones, as their content plays no part. @returns their paths */
export const writeFiles = async (directory: string, documents: number): Promise<string[]> => {
  await mkdir(directory, { recursive: true });
  const files = Array.from({ length: documents }, (_, index) =>
    path.join(directory, `document-${index + 1}.pdf`),
  );
  for (const file of files) await writeFile(file, `%PDF-1.7 ${path.basename(file)}`);
  return files;
};

/** Returns the arguments of the command, as a user would type them. */
export const commandOf = (
  { addresses, pace, collection, state }: Work,
  sources: readonly string[],
): string[] => [
  COMMAND,
  "ingest",
  ...sources,
  ...["--store", `qdrant:${addresses.store}`, "--collection", collection],
  ...["--embeddings", `${addresses.embed}#text-embedding-3-small`, "--state", state],
  ...["--rate-limit", "1000000", "--poll-interval", String(pace.pollMs), "--json"],
];

export const environmentOf = ({ addresses }: Work): Record<string, string> => ({
  UNSILOED_API_KEY: KEY,
  UNSILOED_BASE_URL: addresses.parse,
  EMBEDDINGS_API_KEY: KEY,
});
