import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { UnsiloedError } from "../errors.js";
import { Questions } from "./data/question.js";
import { inspectApi } from "./http/api.js";
import { guard, newToken } from "./http/guard.js";
import { PageFiles } from "./http/page-files.js";
import type { Inspected } from "./options.js";

const HOST = "127.0.0.1";

/** A server that shows what was stored. */
export interface Inspector {
  /** Address of the page, with the token that opens it. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves the page that shows what was stored, to browsers on this machine. Each server has a token of its own; without it
 * nothing is answered.
 *
 * @param port port to listen on; 0 for a free one
 * @throws UnsiloedError `INVALID_OPTION` for a port that is taken
 */
export const startInspector = async (inspected: Inspected, port = 0): Promise<Inspector> => {
  const token = newToken();
  let listening = port;
  const files = new PageFiles();
  const questions = new Questions(inspected);
  const app = new Hono()
    .use(guard(token, () => listening))
    .route(`/${token}/api`, inspectApi(inspected, questions))
    .get(`/${token}`, (context) => context.redirect(`/${token}/`))
    .get(`/${token}/*`, async (context) => {
      const name = context.req.path.slice(token.length + 2);
      const file = await files.read(name === "" ? "index.html" : name);
      return file ? context.body(file.body, 200, { "content-type": file.mediaType }) : context.notFound();
    });
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const opened = serve({ fetch: app.fetch, hostname: HOST, port }, (address) => {
      listening = address.port;
      resolve(opened);
    });
    opened.once("error", (cause: Error) =>
      reject(
        new UnsiloedError("INVALID_OPTION", `inspect: cannot listen on port ${port}: ${cause.message}`, {
          cause,
        }),
      ),
    );
  });
  return {
    url: `http://${HOST}:${listening}/${token}/`,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      await questions.close();
    },
  };
};
