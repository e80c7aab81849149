import { recordedName } from "../../embeddings/model.js";
import { UnsiloedError } from "../../errors.js";
import { UNKNOWN_MODEL } from "../../stores/sink.js";
import { chooseEmbeddings } from "../setup/choose-embeddings.js";
import { counted } from "../terminal/wording.js";
import type { Check } from "./check.js";

export const storeCheck: Check = {
  name: "store",
  run: async ({ sink, signal }) => {
    const store = await sink();
    try {
      await store.connect?.({ signal });
      const version = await store.version?.({ signal });
      return { status: "ok", message: `${store.description}${version === undefined ? "" : `, ${version}`}` };
    } catch (thrown) {
      if (!(thrown instanceof UnsiloedError) || thrown.code === "ABORTED") throw thrown;
      return {
        status: "failed",
        message: thrown.message,
        action:
          thrown.code === "UNAUTHORIZED"
            ? "set its key in the environment"
            : "start the store, or name another with --store",
      };
    }
  },
};

/** Returns the name of the model that the command would use, if there is one. */
const chosenModel = async (...[options, environment]: Parameters<typeof chooseEmbeddings>) => {
  try {
    const model = await chooseEmbeddings(options, environment);
    const name = recordedName(model);
    await model.close?.();
    return name;
  } catch {
    // The check of the model says what is wrong with it.
    return undefined;
  }
};

export const collectionCheck: Check = {
  name: "collection",
  run: async ({ sink, options, environment, signal }) => {
    const store = await sink();
    try {
      const { spec } = await store.open({ signal });
      const points = await store.count(undefined, { signal });
      const { facts = {}, problems = [] } = (await store.inspect?.({ signal })) ?? {};
      const kept = Object.entries(facts).map(([name, text]) => `; ${name}: ${text}`);
      const found = `${counted(points, "point")}, ${counted(spec.dimensions, "dimension")}, model ${spec.model}${kept.join("")}`;
      if (problems.length > 0)
        return {
          status: "warning",
          message: `${found}; ${problems.join("; ")}`,
          action: "look after the servers of the cluster; writes wait for the replicas that they need",
        };
      const model = await chosenModel(options, environment);
      if (model === undefined || model === spec.model || spec.model === UNKNOWN_MODEL)
        return { status: "ok", message: found };
      return {
        status: "warning",
        message: `${found}; the model now is ${model}, whose vectors are refused`,
        action: "name the model of the collection with --embeddings, or another collection with --collection",
      };
    } catch (thrown) {
      if (!(thrown instanceof UnsiloedError) || thrown.code === "ABORTED") throw thrown;
      if (thrown.code === "COLLECTION_NOT_FOUND")
        return { status: "ok", message: "does not exist yet; the first ingest makes it" };
      if (thrown.code === "STORE_MISMATCH")
        return { status: "failed", message: thrown.message, action: "name another with --collection" };
      return { status: "skipped", message: "the store cannot be asked" };
    }
  },
};
