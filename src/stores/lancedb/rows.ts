import type { DataType, RecordBatch, Schema, Table } from "apache-arrow";
import { propertyOf } from "../../internal/property.js";
import { wellFormedJson } from "../../internal/text/well-formed.js";
import type { CollectionSpec, Point, PointContent, PointMetadata, StoredPoint } from "../sink.js";
import type { Arrow } from "./packages.js";

/** Version of the layout of the table. */
const FORMAT = "2";
const FORMAT_KEY = "unsiloed.format";
const MODEL_KEY = "unsiloed.model";

/** Causes a conflict when two writers insert the same id at the same time; without it both would insert it. */
const PRIMARY_KEY = new Map([["lance-schema:unenforced-primary-key", "true"]]);

const MAX_INTEGER = 2 ** 31 - 1;
/** First and last number of an empty list. */
const NONE = -1;

/**
 * Returns the columns of a table. Fields used by filters have columns of their own; `metadata` has everything as JSON.
 * The name of the model is in the schema, so that it exists as soon as the table does.
 */
export const tableSchema = (
  { Schema, Field, FixedSizeList, Float32, Float64, Int32, List, Utf8 }: Arrow,
  { dimensions, model }: CollectionSpec,
): Schema => {
  const text = (name: string) => new Field(name, new Utf8(), false);
  const list = (name: string, of: DataType) => new Field(name, new List(new Field("item", of, true)), false);
  const numbers = (name: string) => [
    new Field(`${name}_first`, new Int32(), false),
    new Field(`${name}_last`, new Int32(), false),
    list(`${name}s`, new Int32()),
  ];
  return new Schema(
    [
      new Field("id", new Utf8(), false, PRIMARY_KEY),
      new Field("vector", new FixedSizeList(dimensions, new Field("item", new Float32(), true)), false),
      text("content"),
      text("lexical"),
      text("doc_id"),
      text("version"),
      text("segment_type"),
      new Field("segment_id", new Utf8(), true),
      ...numbers("segment"),
      list("section_path", new Utf8()),
      ...numbers("page"),
      new Field("confidence", new Float64(), true),
      text("metadata"),
    ],
    new Map([
      [FORMAT_KEY, FORMAT],
      [MODEL_KEY, model],
    ]),
  );
};

/** Reads what a table was created for; `undefined` when another program or a later version of this package created it. */
export const readSpec = ({ fields, metadata }: Schema): CollectionSpec | undefined => {
  const model = metadata.get(MODEL_KEY);
  const dimensions = propertyOf(fields.find(({ name }) => name === "vector")?.type, "listSize");
  if (metadata.get(FORMAT_KEY) !== FORMAT || model === undefined) return undefined;
  return typeof dimensions === "number" ? { dimensions, model } : undefined;
};

/** A point with its metadata as JSON. */
export interface Row {
  point: Point;
  metadata: string;
  /** Approximate size in bytes. */
  bytes: number;
}

export const toRow = (point: Point): Row => {
  const metadata = wellFormedJson(JSON.stringify(point.metadata));
  const { vector, content, lexical } = point;
  return { point, metadata, bytes: 4 * vector.length + content.length + lexical.length + metadata.length };
};

/** Sorts numbers, without duplicates and none too large for a column. */
const ascending = (numbers: readonly number[]): number[] =>
  [...new Set(numbers)].map((number) => Math.min(number, MAX_INTEGER)).sort((a, b) => a - b);

/** Returns all pages of a split. */
const pagesOf = ({ metadata: { page_number, boxes } }: Point): number[] =>
  ascending([page_number, ...boxes.map((box) => box.page_number)]);

/** Converts rows into an Arrow table. The vectors become one array of floats, without an object for each. */
export const toArrowTable = (
  arrow: Arrow,
  schema: Schema,
  rows: readonly Row[],
  dimensions: number,
): Table => {
  const { Field, Float32, FixedSizeList, List, Int32, Float64, Utf8, RecordBatch, Struct, Table } = arrow;
  const floats = new Float32Array(rows.length * dimensions);
  for (const [index, { point }] of rows.entries()) floats.set(point.vector, index * dimensions);
  const child = arrow.makeData({ type: new Float32(), length: floats.length, nullCount: 0, data: floats });
  const vectors = arrow.makeData({
    type: new FixedSizeList(dimensions, new Field("item", new Float32(), true)),
    length: rows.length,
    nullCount: 0,
    child,
  });
  const column = <T>(type: DataType, pick: (point: Point) => T) =>
    arrow.vectorFromArray(
      rows.map(({ point }) => pick(point)),
      type,
    ).data;
  const text = (pick: (point: Point) => string | null) => column(new Utf8(), pick);
  const list = (of: DataType, pick: (point: Point) => readonly (string | number)[]) =>
    column(new List(new Field("item", of, true)), pick);
  const numbers = (pick: (point: Point) => readonly number[]) => [
    column(new Int32(), (point) => pick(point)[0] ?? NONE),
    column(new Int32(), (point) => pick(point).at(-1) ?? NONE),
    list(new Int32(), pick),
  ];
  const columns = [
    text(({ id }) => id),
    [vectors],
    text(({ content }) => content),
    text(({ lexical }) => lexical),
    text(({ metadata }) => metadata.doc_id),
    text(({ metadata }) => metadata.version),
    text(({ metadata }) => metadata.segment_type),
    text(({ metadata }) => metadata.segment_id),
    ...numbers(({ metadata }) => ascending(metadata.segment_indices)),
    list(new Utf8(), ({ metadata }) => metadata.section_path),
    ...numbers(pagesOf),
    column(new Float64(), ({ metadata }) => metadata.confidence),
    arrow.vectorFromArray(
      rows.map(({ metadata }) => metadata),
      new Utf8(),
    ).data,
  ];
  const children = columns.flatMap(([data]) => (data ? [data] : []));
  const data = arrow.makeData({
    type: new Struct(schema.fields),
    length: rows.length,
    nullCount: 0,
    children,
  });
  return new Table(schema, new RecordBatch(schema, data));
};

/** Returns the values of a column of any Arrow type. */
export const column = (batch: RecordBatch, name: string): unknown[] => [...(batch.getChild(name) ?? [])];

/** Reads the points of a batch for `listPoints`. */
export const readStoredPoints = (batch: RecordBatch): StoredPoint[] => {
  const versions = column(batch, "version");
  const vectors = batch.getChild("vector");
  return column(batch, "id").map((id, index) => {
    const vector: unknown = vectors?.get(index);
    const stored = { id: String(id), version: String(versions[index]) };
    return isIterable(vector) ? { ...stored, vector: Array.from(vector, Number) } : stored;
  });
};

/** Columns that {@link readContents} needs. */
export const CONTENT_COLUMNS = ["id", "content", "metadata"];

/** Reads the points of a batch for readers. */
export const readContents = (batch: RecordBatch): PointContent[] => {
  const [contents, metadata] = ["content", "metadata"].map((name) => column(batch, name));
  return column(batch, "id").map((id, index) => ({
    id: String(id),
    content: String(contents?.[index]),
    metadata: readMetadata(String(metadata?.[index])),
  }));
};

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

const readMetadata = (json: string): PointMetadata => JSON.parse(json);
