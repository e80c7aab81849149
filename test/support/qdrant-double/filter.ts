import { type Payload, valuesOf } from "./payload.js";
import { Refusal } from "./refusal.js";
import type { Condition, FieldCondition, Filter, PointId } from "./request-schemas.js";

interface Filterable {
  id: PointId;
  payload: Payload;
}

const list = (conditions: Condition | Condition[] | null | undefined): Condition[] =>
  conditions == null ? [] : Array.isArray(conditions) ? conditions : [conditions];

const fits = (condition: FieldCondition, value: unknown): boolean => {
  const { match, range } = condition;
  if (match) {
    if ("value" in match) return value === match.value;
    if ("any" in match) return match.any.some((wanted) => wanted === value);
    return !match.except.some((unwanted) => unwanted === value);
  }
  if (!range || typeof value !== "number") return false;
  const { lt, lte, gt, gte } = range;
  return (
    (lt == null || value < lt) &&
    (lte == null || value <= lte) &&
    (gt == null || value > gt) &&
    (gte == null || value >= gte)
  );
};

const isEmpty = (values: readonly unknown[]): boolean => values.every((value) => value === null);

const holdsFor = (condition: Condition, point: Filterable): boolean => {
  if ("has_id" in condition) return condition.has_id.some((id) => id === point.id);
  if ("key" in condition) {
    const values = valuesOf(point.payload, condition.key);
    if (condition.is_empty !== undefined) return isEmpty(values) === condition.is_empty;
    if (condition.is_null !== undefined) return values.includes(null) === condition.is_null;
    return values.some((value) => fits(condition, value));
  }
  if ("is_empty" in condition) return isEmpty(valuesOf(point.payload, condition.is_empty.key));
  if ("is_null" in condition) return valuesOf(point.payload, condition.is_null.key).includes(null);
  return matches(condition, point);
};

/** Returns whether a point passes a filter. Missing fields fail `match` and `range`, so they pass `must_not`. */
export const matches = (filter: Filter | null | undefined, point: Filterable): boolean => {
  if (!filter) return true;
  const should = list(filter.should);
  return (
    list(filter.must).every((condition) => holdsFor(condition, point)) &&
    !list(filter.must_not).some((condition) => holdsFor(condition, point)) &&
    (should.length === 0 || should.some((condition) => holdsFor(condition, point)))
  );
};

const indexTypesFor = (condition: FieldCondition): string[] => {
  if (condition.range) return ["integer", "float"];
  const { match } = condition;
  const sample = !match
    ? undefined
    : "value" in match
      ? match.value
      : "any" in match
        ? match.any[0]
        : match.except[0];
  if (typeof sample === "number") return ["integer"];
  if (typeof sample === "boolean") return ["bool"];
  return ["keyword", "uuid"];
};

const indexRequired = (key: string, types: readonly string[]): Refusal =>
  new Refusal(
    400,
    `Bad request: Index required but not found for "${key}" of one of the following types: [${types.join(", ")}]. Help: Create an index for this key or use a different filter.`,
  );

/** Strict mode: refuses a filter on a field whose index does not exist or is of another type. */
export const requireIndexes = (
  filter: Filter | null | undefined,
  indexes: ReadonlyMap<string, string>,
): void => {
  if (!filter) return;
  for (const condition of [...list(filter.must), ...list(filter.should), ...list(filter.must_not)]) {
    if ("has_id" in condition) continue;
    const emptyKey =
      "is_empty" in condition && typeof condition.is_empty === "object" ? condition.is_empty.key : undefined;
    // A test for emptiness needs an index of any type.
    if (emptyKey !== undefined && !indexes.has(emptyKey))
      throw indexRequired(emptyKey, ["keyword", "integer"]);
    if (!("key" in condition)) {
      if ("is_empty" in condition || "is_null" in condition) continue;
      requireIndexes(condition, indexes);
      continue;
    }
    const types = indexTypesFor(condition);
    if (!types.includes(indexes.get(condition.key) ?? "")) {
      throw indexRequired(condition.key, types);
    }
  }
};
