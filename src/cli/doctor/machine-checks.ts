import { constants, existsSync } from "node:fs";
import { access, statfs } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "../../errors.js";
import { isObjectAddress, prefixOf, readObjectAddress } from "../../internal/object-store/address.js";
import { ObjectStores } from "../../internal/object-store/open-store.js";
import { propertyOf } from "../../internal/objects.js";
import { isDatabase, nameOfDatabase } from "../../internal/postgres/address.js";
import { PostgresLedger } from "../../ledger/postgres/postgres-ledger.js";
import { STORES } from "../setup/registry.js";
import { keepsApart, keptResultsOf, localDirectoryOf } from "../setup/state.js";
import type { Check, DoctorContext } from "./check.js";

const MIN_NODE = [20, 19] as const;

/** Judges a version of Node, such as `22.19.0`. */
export const judgeNode = (version: string): Awaited<ReturnType<Check["run"]>> => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const action = "install Node 22 or later, from https://nodejs.org";
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1]))
    return { status: "failed", message: `${version}, expected ${MIN_NODE.join(".")} or later`, action };
  if (major < 22) return { status: "warning", message: `${version} gets no more security fixes`, action };
  return { status: "ok", message: version };
};

export const nodeCheck: Check = { name: "Node", run: async () => judgeNode(process.versions.node) };

export const configCheck: Check = {
  name: "config file",
  run: async ({ config: { file, problem } }) => {
    if (problem !== undefined) return { status: "failed", message: messageOf(problem) };
    return { status: "ok", message: file ?? 'none; "unsiloed-ingest init" writes one' };
  },
};

/** Packages with a binary for each platform, which may be missing. */
const packagesOf = ({ options, environment }: DoctorContext): string[] => {
  const named = options.store?.split(":", 1)[0];
  const store = STORES.find(({ name, variable }) =>
    named === undefined ? variable !== undefined && environment[variable] !== undefined : name === named,
  );
  const chosen = store ?? STORES.find(({ variable }) => variable === undefined);
  return ["lmdb", ...(chosen?.packages ?? []).filter((name) => name.includes("lancedb"))];
};

export const packagesCheck: Check = {
  name: "binaries",
  run: async (context) => {
    const names = packagesOf(context);
    for (const name of names) {
      try {
        await import(name);
      } catch (thrown) {
        const isMissing = /MODULE_NOT_FOUND/.test(String(propertyOf(thrown, "code")));
        return {
          status: "failed",
          message: isMissing ? `${name} is not installed` : `${name} does not load: ${messageOf(thrown)}`,
          action:
            name === "lmdb"
              ? "install this package again, without --omit=optional"
              : `npm install ${name} apache-arrow; where it has no binary for ${process.platform}-${process.arch}, use Qdrant`,
        };
      }
    }
    return { status: "ok", message: `${names.join(" and ")} for ${process.platform}-${process.arch}` };
  },
};

const stateOf = ({ options }: DoctorContext): string => path.resolve(localDirectoryOf(options));

/** Returns a path, or else the nearest directory above it that exists. */
const nearestExisting = (file: string): string =>
  existsSync(file) ? file : nearestExisting(path.dirname(file));

export const stateCheck: Check = {
  name: "state",
  run: async (context) => {
    const state = stateOf(context);
    const there = ["", "ledger", "results", "embeddings"]
      .map((name) => path.join(state, name))
      .filter(existsSync);
    try {
      for (const directory of there.length > 0 ? there : [nearestExisting(state)])
        await access(directory, constants.W_OK | constants.X_OK);
    } catch (thrown) {
      return {
        status: "failed",
        message: `${state} cannot be written (${messageOf(thrown)})`,
        action: "change its permissions, or name another directory with --state",
      };
    }
    return { status: "ok", message: there.length > 0 ? state : `${state}, made by the first run` };
  },
};

/** Looks at the ledger of several machines. */
export const ledgerCheck: Check = {
  name: "ledger",
  run: async ({ options: { state } }) => {
    if (state === undefined || !isDatabase(state)) return { status: "ok", message: "in the state directory" };
    const ledger = new PostgresLedger(state, { readOnly: true });
    try {
      await ledger.holder("doctor");
    } finally {
      await ledger.close();
    }
    return { status: "ok", message: nameOfDatabase(state) };
  },
};

/** Looks whether kept results can be found again, also by other machines. */
export const keptResultsCheck: Check = {
  name: "kept results",
  run: async ({ options, signal }) => {
    const { place } = keptResultsOf(options);
    if (keepsApart(options))
      return {
        status: "warning",
        message: `each machine keeps its own in ${place}; others read a result from its job, until that expires`,
        action:
          "name a place that all machines share with --keep-results s3://BUCKET/PREFIX or a shared directory",
      };
    if (!isObjectAddress(place)) return { status: "ok", message: path.resolve(place) };
    const address = readObjectAddress(prefixOf(place));
    const store = await new ObjectStores().open(address);
    for await (const _ of store.list(address.key, { signal, pageSize: 1 })) break;
    return { status: "ok", message: place };
  },
};

const GIB = 1024 ** 3;

export const diskCheck: Check = {
  name: "disk",
  run: async (context) => {
    const state = stateOf(context);
    const { bavail, bsize } = await statfs(nearestExisting(state));
    const free = bavail * bsize;
    const message = `${(free / GIB).toFixed(1)} GiB free for ${state}`;
    if (free >= GIB) return { status: "ok", message };
    const action = "free some space, or name a directory on another disk with --state";
    return { status: free < GIB / 10 ? "failed" : "warning", message, action };
  },
};
