import type { Server } from "node:http";
import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Listens on a free port until the test ends. @returns the port */
export const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // The server closes neither tunnels nor connections in use.
  const open: Socket[] = [];
  server.on("connection", (socket) => open.push(socket));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("expected a port");
  return address.port;
};

/** Finds a port that another program can listen on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
