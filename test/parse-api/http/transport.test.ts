import { text } from "node:stream/consumers";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { refusePrivateHost } from "../../../src/parse-api/http/safe-address.js";
import { Transport } from "../../../src/parse-api/http/transport.js";
import { serve } from "../../support/forward-proxy.js";
import { errorOf } from "../../support/parse-service.js";

const signal = new AbortController().signal;
const get = (url: string, transport = new Transport()) =>
  transport.send({ method: "GET", url: new URL(url), headers: {}, signal }, () => "trusted");

describe("a response", () => {
  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const)("is decoded: %s", async (encoding, compress) => {
    const port = await serve((_request, response) =>
      response.setHeader("content-encoding", encoding).end(compress("Zażółć")),
    );
    const answer = await get(`http://127.0.0.1:${port}`);
    expect(await text(answer.body)).toBe("Zażółć");
  });

  it("that ends before its encoding is complete is an error", async () => {
    const port = await serve((_request, response) =>
      response.setHeader("content-encoding", "gzip").end(gzipSync("x".repeat(1000)).subarray(0, 15)),
    );
    const answer = await get(`http://127.0.0.1:${port}`);
    await expect(text(answer.body)).rejects.toThrow();
  });

  it("can be abandoned, and the transport still works", async () => {
    const port = await serve((_request, response) => void response.write("begun"));
    const transport = new Transport();
    for (let count = 0; count < 3; count++) {
      const { body } = await get(`http://127.0.0.1:${port}`, transport);
      body.destroy();
      await new Promise((resolve) => body.once("close", resolve));
    }
  });
});

describe("a streamed file", () => {
  it("can be answered before it has been sent completely", async () => {
    const port = await serve((_request, response) => {
      response.writeHead(403, { connection: "close" }).end("<Message>Request has expired</Message>");
    });
    let sent = 0;
    const bytes = 256 * 1024 * 1024;
    const body = {
      bytes,
      async *stream() {
        for (; sent < bytes; sent += 1024 * 1024) yield new Uint8Array(1024 * 1024);
      },
    };
    const url = new URL(`http://127.0.0.1:${port}/put`);
    const answer = await new Transport().send(
      { method: "PUT", url, headers: {}, body, signal },
      () => "trusted",
    );
    expect(answer.status).toBe(403);
    expect(await text(answer.body)).toContain("Request has expired");
    expect(sent).toBeLessThan(bytes);
  });

  it("is sent again to the target of a redirect", async () => {
    const received: string[] = [];
    const port = await serve(async (request, response) => {
      received.push(`${request.url} ${request.headers["content-length"]} ${await text(request)}`);
      if (request.url === "/a") response.writeHead(307, { location: "/b" });
      response.end();
    });
    const body = {
      bytes: 4,
      stream: async function* () {
        yield Buffer.from("%PDF");
      },
    };
    const url = new URL(`http://127.0.0.1:${port}/a`);
    const asked: string[] = [];
    const request = { method: "PUT", url, headers: {}, body, signal };
    const answer = await new Transport().send(request, ({ pathname }) => {
      asked.push(pathname);
      return "trusted";
    });
    expect(answer.status).toBe(200);
    expect(received).toEqual(["/a 4 %PDF", "/b 4 %PDF"]);
    expect(asked).toEqual(["/a", "/b"]);
  });

  it("is also sent through the user's own fetch", async () => {
    const port = await serve(async (request, response) => void response.end(await text(request)));
    const body = {
      bytes: 4,
      stream: async function* () {
        yield Buffer.from("%PDF");
      },
    };
    const url = new URL(`http://127.0.0.1:${port}/a`);
    const transport = new Transport(globalThis.fetch);
    const answer = await transport.send({ method: "PUT", url, headers: {}, body, signal }, () => "trusted");
    expect(await text(answer.body)).toBe("%PDF");
  });
});

describe("a host that is reached through a proxy", () => {
  const url = new URL("https://files.example/x");
  const refuse = (found: string[], error: Error | null = null) =>
    refusePrivateHost(url, (_host, _options, callback) =>
      callback(
        error,
        found.map((address) => ({ address, family: 4 })),
      ),
    );

  it("is looked up first: private hosts are refused, unknown ones are left to the proxy", async () => {
    await refuse(["8.8.8.8"]);
    expect(await errorOf(refuse(["8.8.8.8", "10.0.0.1"]))).toMatchObject({ code: "UNSAFE_ADDRESS" });
    await refuse([], Object.assign(new Error("not found"), { code: "ENOTFOUND" }));
  });
});
