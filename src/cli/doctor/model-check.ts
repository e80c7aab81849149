import { type EmbeddingModel, PROBE } from "../../embeddings/model.js";
import { isThisMachine } from "../../parse-api/http/safe-address.js";
import { chooseEmbeddings } from "../setup/choose-embeddings.js";
import { counted } from "../terminal/wording.js";
import type { Check, Outcome } from "./check.js";

/** Embeds a word, where that costs nothing. */
const tryModel = async (model: EmbeddingModel, signal: AbortSignal): Promise<Outcome> => {
  const { length } = await model.embedQuery(PROBE, { signal });
  const found = `${model.modelName} gives vectors of ${counted(length, "number")}`;
  if (model.dimensions === undefined || model.dimensions === length) return { status: "ok", message: found };
  return {
    status: "failed",
    message: `${found}, expected ${model.dimensions}`,
    action: "leave out --dimensions, or name a model that can shorten its vectors",
  };
};

/** Asks a service whether it has the model. */
const askService = async (model: EmbeddingModel, host: string, signal: AbortSignal): Promise<Outcome> => {
  if (await model.isListed?.({ signal }))
    return {
      status: "ok",
      message: `${model.modelName} is offered by ${host}; no vector was asked for, which would cost`,
    };
  return {
    status: "warning",
    message: `${host} answers, but does not list ${model.modelName}`,
    action: "check the name of the model, unless the service has models that it does not list",
  };
};

/**
 * Checks the model that the options name: one in this process or on this machine by embedding a word, that of another
 * service by its list of models, which costs nothing.
 */
export const modelCheck: Check = {
  name: "model",
  run: async ({ options, environment, signal }) => {
    const model = await chooseEmbeddings(options, environment);
    try {
      const address = model.address === undefined ? undefined : new URL(model.address);
      return await (address === undefined || isThisMachine(address)
        ? tryModel(model, signal)
        : askService(model, address.host, signal));
    } finally {
      await model.close?.();
    }
  },
};
