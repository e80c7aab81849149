import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { createProgram } from "../src/cli/program.js";

const FOLDER = path.resolve(import.meta.dirname, "../examples/kubernetes");
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

const containerSchema = z.looseObject({ image: z.string(), args: z.array(z.string()) });
const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

const objectsOf = (name: string) =>
  parseAllDocuments(readFileSync(path.join(FOLDER, name), "utf8")).map((document) => {
    expect(document.errors).toEqual([]);
    return objectSchema.parse(document.toJS());
  });

/** Finds everything that looks like a container, at any depth. */
const containersIn = (value: unknown): z.infer<typeof containerSchema>[] => {
  if (typeof value !== "object" || value === null) return [];
  const found = containerSchema.safeParse(value);
  return found.success ? [found.data] : Object.values(value).flatMap(containersIn);
};

const program = createProgram();

describe("the manifests for Kubernetes", () => {
  it.each(files)("%s is YAML of objects with a kind and a name", (name) => {
    expect(objectsOf(name).length).toBeGreaterThan(0);
  });

  it("call commands that exist, with options that they have", () => {
    const containers = files.flatMap(objectsOf).flatMap(containersIn);
    expect(containers.map(({ args }) => args[0]).sort()).toEqual(["enqueue", "migrate", "work"]);
    for (const { args } of containers) {
      const command = program.commands.find((one) => one.name() === args[0]);
      const known = [...(command?.options ?? []), ...program.options].map(({ long }) => long);
      for (const option of args.filter((arg) => arg.startsWith("--"))) expect(known).toContain(option);
    }
  });

  it("take only names of the config that it sets", () => {
    const [config] = objectsOf("config.yaml");
    const set = Object.keys(z.looseObject({ data: z.record(z.string(), z.string()) }).parse(config).data);
    const used = files.flatMap((name) => [
      ...readFileSync(path.join(FOLDER, name), "utf8").matchAll(/\$\((\w+)\)/g),
    ]);
    expect(new Set(used.map(([, name]) => name))).toEqual(new Set(set));
  });

  it("scale the deployment that exists, and leave a worker longer to end than it takes", () => {
    const [deployment] = objectsOf("work.yaml");
    const text = readFileSync(path.join(FOLDER, "work.yaml"), "utf8");
    const [scaled] = objectsOf("autoscaling.yaml");
    expect(scaled).toMatchObject({ spec: { scaleTargetRef: { name: deployment?.metadata.name } } });
    const grace = Number(/--grace\s+- "(\d+)"/.exec(text)?.[1]);
    const period = Number(/terminationGracePeriodSeconds: (\d+)/.exec(text)?.[1]);
    expect(period).toBeGreaterThan(grace);
  });
});
