import type { Dialect } from "../../parse-api/jobs/dialects.js";
import type { ChunkShape } from "../jobs/chunk-shape.js";
import type { Job } from "../jobs/jobs.js";

type Query = Readonly<Record<string, string>>;

/** Flags of a GET by dialect, with what they are when they are not given. */
const FLAGS = {
  "2026-03": { include_chunks: true, base64_urls: false, output_file: false },
  "2026-09": {
    include_chunks: true,
    base64_urls: false,
    output_file: false,
    include_url: false,
    merge_tables: false,
    enhanced_table: false,
  },
} as const satisfies Record<Dialect, Query | object>;

/** What a GET asks of a result. */
export interface ResultView {
  includeChunks: boolean;
  outputFile: boolean;
  base64Images: boolean;
  /** Whether addresses are left out. */
  omitUrls: boolean;
  mergeTables: boolean;
  /** Segment types to return. @default all */
  segmentTypes?: readonly string[];
}

/** Reads a list of segment types; `undefined` for all of them. */
const readTypes = (given: unknown): readonly string[] | undefined => {
  const types = Array.isArray(given) ? given.map(String) : typeof given === "string" ? given.split(",") : [];
  return types.length === 0 || types.some((type) => type.trim() === "all") ? undefined : types;
};

/** Reads the query of a GET. @returns `undefined` when a flag is neither `true` nor `false` */
export const readView = (query: Query, dialect: Dialect): ResultView | undefined => {
  const flags = new Map<string, boolean>();
  for (const [name, fallback] of Object.entries(FLAGS[dialect])) {
    const text = query[name] ?? String(fallback);
    if (text !== "true" && text !== "false") return undefined;
    flags.set(name, text === "true");
  }
  const isSet = (name: string) => flags.get(name) === true;
  const isNewer = dialect === "2026-09";
  const segmentTypes = isNewer
    ? readTypes(query["segment_filter"] ?? query["keep_segment_types"])
    : undefined;
  return {
    includeChunks: isSet("include_chunks"),
    outputFile: isSet("output_file"),
    base64Images: isSet("base64_urls"),
    omitUrls: isNewer && !isSet("include_url"),
    mergeTables: isSet("merge_tables"),
    ...(segmentTypes && { segmentTypes }),
  };
};

/** Decides how the chunks of an answer differ from the saved ones: by the options of the job and by the query. */
export const shapeOf = (job: Job, view: ResultView, dialect: Dialect): ChunkShape => {
  if (dialect === "2026-03") return {};
  const { options } = job;
  const keepTypes = [readTypes(options["segment_filter"]), view.segmentTypes].filter(
    (types) => types !== undefined,
  );
  return {
    ...(keepTypes.length > 0 && { keepTypes }),
    ...(view.mergeTables && options["merge_tables"] === true && { mergeTables: true }),
    ...(options["response_profile"] === "slim" && { slim: true }),
    ...(options["segmentation_version"] === "v1" && { version1: true }),
    ...(/\.xlsx?$/i.test(job.fileName) && { cellReferences: true }),
  };
};
