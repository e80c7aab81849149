import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { EmulatorContext, Exchange, Route } from "../context.js";
import type { ActiveFault } from "../fault-rules.js";
import { answerOf } from "../faults.js";
import { type Answer, send } from "../http/answer.js";

const drain = async (request: IncomingMessage): Promise<void> => {
  for await (const _piece of request.resume());
};

/** Resolves when the client has gone or the emulator closes. */
const untilGone = (socket: Socket, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted || socket.destroyed) return resolve();
    const end = () => {
      socket.off("close", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    socket.once("close", end);
    signal.addEventListener("abort", end);
  });

export type FindRoute = (context: EmulatorContext, exchange: Exchange) => Promise<Route | Answer>;

/** Carries out one request: through the fault that strikes it, if one does. */
export const handle = async (
  context: EmulatorContext,
  exchange: Exchange,
  find: FindRoute,
): Promise<void> => {
  const { request, response, socket, record, signal } = exchange;
  const { clock } = context.settings;
  const reply = async (ready: Answer, fault?: ActiveFault) => {
    record.status = ready.status;
    await send({ response, socket }, ready, fault, clock, signal);
  };
  const route = await find(context, exchange);
  if (!("run" in route)) {
    await drain(request);
    return reply(route);
  }
  record.on = route.info.on;
  if (route.info.jobId !== undefined) record.jobId = route.info.jobId;
  if (route.info.fileName !== undefined) record.fileName = route.info.fileName;
  const fault = context.faults.next(route.info);
  if (fault) record.fault = typeof fault.fault === "string" ? fault.fault : "custom";
  switch (fault?.fault) {
    case "hang":
      return untilGone(socket, signal);
    case "reset":
      await drain(request);
      socket.destroy();
      return;
    case "reset_midway":
      for await (const _piece of request) break;
      socket.destroy();
      return;
    case "reset_after_accept":
      await route.run(fault);
      socket.destroy();
      return;
    default: {
      const canned = fault && answerOf(fault, route.info, clock.now(), context.settings);
      if (!canned) return reply(await route.run(fault), fault);
      await drain(request);
      return reply(canned);
    }
  }
};
