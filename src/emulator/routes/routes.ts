import type { EmulatorContext, Exchange, Route } from "../context.js";
import type { FaultInfo, Phase } from "../fault-rules.js";
import { type Answer, textAnswer } from "../http/answer.js";
import { outputRoute, storageError, uploadRoute } from "./file-routes.js";
import { jobRoute } from "./job-route.js";
import { presignRoute, submitRoute } from "./submit-routes.js";

const infoOf = ({ record }: Exchange, on: Phase): FaultInfo => ({
  on,
  method: record.method,
  path: record.path,
  query: record.query,
});

/** Finds what a request to the API is for. */
export const apiRoute = async (context: EmulatorContext, exchange: Exchange): Promise<Route | Answer> => {
  const { method, path, query } = exchange.record;
  const isExcel = path === "/parse/excel" && context.settings.dialect === "2026-09";
  const jobId = isExcel ? undefined : /^\/parse\/([^/]+)$/.exec(path)?.[1];
  const expected = jobId === undefined ? "POST" : "GET";
  if (jobId === undefined && path !== "/parse" && path !== "/v2/parse/upload" && !isExcel)
    return textAnswer("Not Found", 404);
  if (method !== expected) return textAnswer("Method Not Allowed", 405, { Allow: expected });
  if (path === "/parse" || isExcel) return submitRoute(context, exchange, infoOf(exchange, "submit"));
  if (jobId === undefined) return presignRoute(context, exchange, infoOf(exchange, "presign"));
  const on = query["include_chunks"] === "false" && query["output_file"] !== "true" ? "status" : "result";
  return jobRoute(context, exchange, { ...infoOf(exchange, on), jobId }, jobId);
};

/** Finds what a request to the second server is for. */
export const filesRoute = async (context: EmulatorContext, exchange: Exchange): Promise<Route | Answer> => {
  const { method, path } = exchange.record;
  const [, folder, name = ""] = path.split("/");
  const job = context.jobs.find(name.replace(/\.json$/, ""));
  const missing = storageError(404, "NoSuchKey", "The specified key does not exist.");
  if (!job) return missing;
  if (folder === "uploads" && method === "PUT")
    return uploadRoute(context, exchange, infoOf(exchange, "upload"), job);
  if (folder === "outputs" && method === "GET")
    return outputRoute(context, exchange, infoOf(exchange, "output"), job);
  return missing;
};
