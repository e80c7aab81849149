import type { IncomingMessage, ServerResponse } from "node:http";

export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
};

/** Sends bytes that are ready, in one write. */
export const send = (response: ServerResponse, status: number, pieces: readonly Buffer[]): void => {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.writeHead(status, { "content-type": "application/json", "content-length": length });
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.end();
};

export const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  send(response, status, [Buffer.from(JSON.stringify(body))]);
