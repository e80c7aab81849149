import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const TSC = path.join(ROOT, "node_modules/typescript/bin/tsc");

const messageSchema = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const hoverSchema = z.object({ contents: z.object({ value: z.string() }) }).nullable();

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** Talks to TypeScript's language server over stdio, as editors do. */
export class LanguageServer {
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number | string, Waiting>();
  #received = Buffer.alloc(0);
  #lastId = 0;

  private constructor() {
    this.#server = spawn(process.execPath, [TSC, "--lsp", "--stdio"], { cwd: ROOT });
    this.#server.stdout.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#server.on("close", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the server ended with ${code}`));
    });
  }

  static async start(): Promise<LanguageServer> {
    const server = new LanguageServer();
    const capabilities = { textDocument: { hover: { contentFormat: ["markdown"] } } };
    const rootUri = pathToFileURL(ROOT).href;
    await server.#request("initialize", { processId: process.pid, rootUri, capabilities });
    server.#send({ method: "initialized", params: {} });
    return server;
  }

  open(file: string): void {
    const uri = pathToFileURL(file).href;
    const text = readFileSync(file, "utf8");
    const textDocument = { uri, languageId: "typescript", version: 1, text };
    this.#send({ method: "textDocument/didOpen", params: { textDocument } });
  }

  /** Returns what an editor shows at a position, counted from 0, or an empty text. */
  async hover(file: string, line: number, character: number): Promise<string> {
    const textDocument = { uri: pathToFileURL(file).href };
    const result = await this.#request("textDocument/hover", { textDocument, position: { line, character } });
    return hoverSchema.parse(result)?.contents.value ?? "";
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#server.once("close", resolve));
    await this.#request("shutdown");
    this.#send({ method: "exit" });
    this.#server.stdin.end();
    await ended;
  }

  #request(method: string, params?: object): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#send({ id, method, ...(params && { params }) });
    return answer;
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const headerEnd = this.#received.indexOf("\r\n\r\n");
      if (headerEnd === -1) return;
      const header = this.#received.subarray(0, headerEnd).toString();
      const end = headerEnd + 4 + Number(/Content-Length: (\d+)/i.exec(header)?.[1]);
      if (this.#received.length < end) return;
      const body = this.#received.subarray(headerEnd + 4, end).toString();
      this.#received = this.#received.subarray(end);
      this.#handle(messageSchema.parse(JSON.parse(body)));
    }
  }

  #handle({ id, method, result, error }: z.infer<typeof messageSchema>): void {
    if (id === undefined) return;
    // A request of the server, such as for settings: it continues after an empty answer.
    if (method !== undefined) {
      this.#send({ id, result: null });
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }
}
