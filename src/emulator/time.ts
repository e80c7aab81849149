/** A time as the service writes it: RFC 3339 in UTC, with microseconds, or with whole seconds. */
export const isoTime = (ms: number, precision: "microseconds" | "seconds" = "microseconds"): string => {
  const text = new Date(ms).toISOString();
  return precision === "seconds" ? text.replace(/\.\d+Z$/, "Z") : text.replace("Z", "000Z");
};
