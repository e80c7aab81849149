import type { Server } from "node:http";
import { UnsiloedError } from "../../errors.js";

/** Starts listening. @returns the base URL, without a slash at the end */
export const listen = (server: Server, port: number, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const refuse = (cause: Error) =>
      reject(
        new UnsiloedError(
          "INVALID_OPTION",
          `startEmulator: cannot listen on ${host} port ${port}: ${cause.message}`,
          { cause },
        ),
      );
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      const address = server.address();
      const taken = typeof address === "object" && address !== null ? address.port : port;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${taken}`);
    });
  });

/** Ends a server with all its connections, busy ones too. */
export const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
