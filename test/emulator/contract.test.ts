import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator/server.js";
import {
  fileForm,
  getJob,
  KEY,
  objectOf,
  postForm,
  presign,
  SAMPLE,
  smallResult,
  submit,
} from "../support/emulator/requests.js";

// The service's schemas, if they are beside the repository.
const folder = new URL("../../../shared/api/", import.meta.url);
const present = ["unsiloed-openapi-v1.json", "unsiloed-openapi-v2.json", "responses.json"].every((name) =>
  existsSync(new URL(name, folder)),
);

type Cases = Record<string, { http: number; headers?: Record<string, string>; body: unknown }>;

const load = async <T extends object>(name: string): Promise<T> =>
  JSON.parse(await readFile(new URL(name, folder), "utf8"));

describe.skipIf(!present)(
  "answers beside the documentation of the service (skipped where that is absent)",
  () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: true });
    let cases: Cases = {};

    beforeAll(async () => {
      formats.default(ajv);
      for (const name of ["int32", "int64", "float", "binary"]) ajv.addFormat(name, true);
      ajv.addSchema(await load("unsiloed-openapi-v1.json"), "v1");
      ajv.addSchema(await load("unsiloed-openapi-v2.json"), "v2");
      cases = await load<Cases>("responses.json");
    });

    const problems = (schema: string, value: unknown): unknown => {
      const validate = ajv.getSchema(schema);
      if (!validate) throw new Error(`no schema ${schema}`);
      validate(value);
      return validate.errors ?? [];
    };

    it("are valid at submission", async () => {
      await using emulator = await startEmulator({ dialect: "2026-03", results: smallResult });
      const submitted = await objectOf(await postForm(emulator.url, fileForm()));
      expect(problems("v1#/components/schemas/ParseCreateResponse", submitted)).toEqual([]);
      expect(Object.keys(submitted)).toEqual(Object.keys(Object(cases["submitted"]?.body)));
      const signed = await objectOf(await presign(emulator.url, { file_name: "a.pdf" }));
      expect(problems("v2#/components/schemas/PresignedUploadResponse", signed)).toEqual([]);
      expect(Object.keys(signed).sort()).toEqual(Object.keys(Object(cases["presigned_upload"]?.body)).sort());
    });

    it("are valid in every state, with the documented fields", async () => {
      const states = ["Starting", "Queued", "Processing", "Failed", "Cancelled"];
      for (const state of states) {
        await using emulator = await startEmulator({
          dialect: "2026-03",
          results: smallResult,
          states: [state],
        });
        const body = await objectOf(await getJob(emulator.url, await submit(emulator.url)));
        expect(problems("v1#/components/schemas/ParseGetResponse", body)).toEqual([]);
        expect(body).toMatchObject({ status: state });
        const documented = Object.keys(Object(cases[state.toLowerCase()]?.body));
        expect([state, Object.keys(body).sort()]).toEqual([state, documented.sort()]);
      }
    });

    it("are valid with a result", async () => {
      await using emulator = await startEmulator({ dialect: "2026-03", results: SAMPLE });
      const id = await submit(emulator.url);
      for (const query of ["", "?base64_urls=true", "?include_chunks=false", "?output_file=true"]) {
        // Real results have a `configuration` that the service's own schema does not describe.
        const { configuration, ...body } = await objectOf(await getJob(emulator.url, id, query));
        expect(configuration).toBeTypeOf("object");
        expect([query, problems("v1#/components/schemas/ParseGetResponse", body)]).toEqual([query, []]);
      }
    });

    it.each([
      "not_found",
      "unauthorized",
      "quota",
      "usage_cap",
      "rate_limited",
      "queue_full",
      "too_large",
      "unsupported",
      "server_error",
    ] as const)("are the documented ones for %s", async (fault) => {
      await using emulator = await startEmulator({
        dialect: "2026-03",
        results: smallResult,
        faults: [{ on: "result", fault }],
      });
      const documented = cases[fault];
      const response = await fetch(`${emulator.url}/parse/04a7a6d8-5ef7-465a-b22a-8a98e7104dd9`, {
        headers: KEY,
      });
      expect(response.status).toBe(documented?.http);
      for (const [name, value] of Object.entries(documented?.headers ?? {}))
        expect(response.headers.get(name)).toBe(value);
      const text = await response.text();
      if (typeof documented?.body === "string") expect(text).toBe(documented.body);
      else
        expect({ ...JSON.parse(text), timestamp: undefined }).toEqual({
          ...Object(documented?.body),
          timestamp: undefined,
        });
    });
  },
);
