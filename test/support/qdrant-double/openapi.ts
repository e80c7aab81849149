import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import addFormatsModule from "ajv-formats";

const FILE = fileURLToPath(new URL("../../../../shared/api/qdrant-openapi-1.19.json", import.meta.url));

/** Whether the server's published schema is beside the repository; without it fewer faults of requests are found. */
export const hasOpenApi = (): boolean => existsSync(FILE);

interface Operation {
  requestBody?: { content: Record<string, { schema: object }> };
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

/** Translates `{anyOf: […, {nullable: true}]}` and `{type, nullable: true}` to JSON Schema. */
const withNull = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withNull);
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable, ...rest } = schema as Record<string, unknown>;
  const inner = Object.fromEntries(
    Object.entries(rest)
      .filter(([key]) => key !== "example" && key !== "deprecated")
      .map(([key, value]) => [key, withNull(value)]),
  );
  if (nullable !== true) return inner;
  return Object.keys(inner).length === 0 ? { type: "null" } : { anyOf: [inner, { type: "null" }] };
};

/** Checks request bodies against the server's OpenAPI file. */
export class OpenApiCheck {
  readonly #ajv: Ajv;
  readonly #api: OpenApi;
  readonly #validators = new Map<string, ValidateFunction>();

  static #shared: OpenApiCheck | undefined;

  /** One for all doubles, since reading the file takes a while; `undefined` without the file. */
  static shared(): OpenApiCheck | undefined {
    if (hasOpenApi()) OpenApiCheck.#shared ??= new OpenApiCheck();
    return OpenApiCheck.#shared;
  }

  private constructor() {
    this.#api = JSON.parse(readFileSync(FILE, "utf8"));
    this.#ajv = new Ajv({ strict: false, allErrors: false, validateFormats: true });
    addFormatsModule.default(this.#ajv);
    for (const format of ["uint", "uint8", "uint16", "uint32", "uint64", "int8", "partial-date-time"]) {
      this.#ajv.addFormat(format, true);
    }
    this.#ajv.addSchema({ $id: "qdrant", components: withNull(this.#api.components) as object });
  }

  /** Describes on one line what is wrong with a body; `undefined` when it is valid. */
  violation(method: string, template: string, body: unknown): string | undefined {
    const key = `${method} ${template}`;
    const schema =
      this.#api.paths[template]?.[method.toLowerCase()]?.requestBody?.content["application/json"]?.schema;
    if (!schema) return body === undefined ? undefined : `${key}: takes no body`;
    const reference = "$ref" in schema ? String(schema.$ref) : undefined;
    if (!reference) return undefined;
    const validate = this.#validators.get(key) ?? this.#ajv.compile({ $ref: `qdrant${reference}` });
    this.#validators.set(key, validate);
    if (validate(body)) return undefined;
    const [error] = validate.errors ?? [];
    return `${key}: ${error?.instancePath ?? ""} ${error?.message ?? "invalid"}`;
  }
}
