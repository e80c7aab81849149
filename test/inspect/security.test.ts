import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InspectedFiles } from "../support/inspect/inspected.js";
import { collect, readReport } from "../support/parse-service.js";

const DOC = "reports/annual.pdf";

interface RawAnswer {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

describe("the server of inspect", () => {
  let files: InspectedFiles;
  let port: number;
  let token: string;
  beforeAll(async () => {
    files = await InspectedFiles.open([
      { name: DOC, result: await readReport() },
      { name: "photo.png", result: await readReport(), bytes: Buffer.from("<script>alert(1)</script>") },
    ]);
    const url = new URL(files.inspector.url);
    port = Number(url.port);
    token = url.pathname.replaceAll("/", "");
  });
  afterAll(() => files.close());

  /** Sends a path and headers as they are, which `fetch` would change. */
  const send = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, headers, method, agent: false }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
      });
      sent.on("error", reject);
      sent.end();
    });

  it("listens on 127.0.0.1 only", () => {
    expect(new URL(files.inspector.url).hostname).toBe("127.0.0.1");
    expect(token.length).toBeGreaterThanOrEqual(32);
  });

  it("answers the page that has its token, by either name of this machine", async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`])
      expect(await send(`/${token}/`, { host })).toMatchObject({ status: 200 });
    const own = { origin: `http://127.0.0.1:${port}`, "sec-fetch-site": "same-origin" };
    expect(await send(`/${token}/api/documents`, own)).toMatchObject({ status: 200 });
  });

  it.each([
    ["a host that a foreign name server sent here", { host: "evil.example" }],
    ["a host without the port", { host: "127.0.0.1" }],
    ["another port", { host: "127.0.0.1:1" }],
    ["a foreign origin", { origin: "https://evil.example" }],
    ["an opaque origin", { origin: "null" }],
    ["another server on this machine", { origin: "http://127.0.0.1:1" }],
    ["a page of another site", { "sec-fetch-site": "cross-site" }],
    ["a page of another port", { "sec-fetch-site": "same-site" }],
  ])("refuses %s, also with the token", async (_what, headers) => {
    for (const path of ["", "api/documents", "api/source?doc=photo.png"]) {
      const answer = await send(`/${token}/${path}`, headers);
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain("annual");
    }
  });

  it("refuses a wrong token, none, and a part of it", async () => {
    const wrong = ["", "x", token.slice(1), `${token}x`, token.toUpperCase(), "%00", `x/${token}`];
    for (const given of wrong)
      for (const path of ["", "index.html", "api/documents", "api/collection"]) {
        const answer = await send(`/${given}/${path}`.replace("//", "/"));
        expect(answer.status, given).toBe(403);
        expect(answer.body).not.toContain(token);
      }
  });

  it.each([
    "../package.json",
    "..%2f..%2f..%2fpackage.json",
    "%2e%2e/%2e%2e/package.json",
    "assets/../../index.js",
    "..\\..\\package.json",
    "assets/%2e%2e%5c%2e%2e%5cindex.js",
    "/etc/passwd",
    "//etc/passwd",
    "assets",
  ])("sends no file for %s", async (path) => {
    const { status, body } = await send(`/${token}/${path}`);
    expect([400, 403, 404]).toContain(status);
    expect(body).not.toContain("unsiloed-ingest/");
    expect(body).not.toContain("root:");
  });

  it.each(["../../../../../../etc/passwd", "/etc/passwd", "photo.png/../../secret.pdf", "\0", ""])(
    "knows documents of the ledger only, not the file %j",
    async (doc) => {
      for (const name of ["document", "source", "report"]) {
        const answer = await send(`/${token}/api/${name}?doc=${encodeURIComponent(doc)}`);
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.body).error.code).toBe("INVALID_OPTION");
      }
    },
  );

  it("sends a source as what its name says, and lets it run nothing", async () => {
    const { status, headers, body } = await send(`/${token}/api/source?doc=photo.png`);
    expect(status).toBe(200);
    expect(body).toContain("<script>");
    expect(headers).toMatchObject({
      "content-type": "image/png",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("sandbox"),
    });
  });

  it("keeps everything from caches, frames, other sites and code of texts", async () => {
    const paths = ["", "api/documents", `api/document?doc=${DOC}`, "nothing", "api/source?doc=photo.png"];
    for (const { headers } of await Promise.all([
      ...paths.map((path) => send(`/${token}/${path}`)),
      send("/x/"),
    ]))
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "content-security-policy": expect.stringContaining("default-src 'none'"),
      });
    const { headers } = await send(`/${token}/`);
    expect(headers["content-security-policy"]).not.toMatch(/(?<!wasm-)unsafe|https?:|\*/);
  });

  it("takes no form of another site for a question", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
      expect(await send(`/${token}/api/question`, { "content-type": type }, "POST")).toMatchObject({
        status: 400,
      });
  });

  it("changes nothing by any method", async () => {
    const stateOf = async () => ({
      records: await collect(files.ledger.list()),
      points: await files.sink.count(),
      kept: await files.results.size(),
    });
    const before = await stateOf();
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      for (const path of ["", "api/documents", `api/document?doc=${DOC}`, `api/source?doc=${DOC}`])
        expect((await send(`/${token}/${path}`, {}, method)).status).toBe(404);
    expect(await stateOf()).toEqual(before);
  });

  it("says that a port is taken", async () => {
    const { startInspector } = await import("../../src/inspect/server.js");
    const inspected = { ledger: files.ledger, sink: files.sink, state: "state" };
    const none = async () => undefined;
    await expect(
      startInspector(
        {
          ...inspected,
          readResult: none,
          readPageCount: none,
          openEmbeddings: () => Promise.reject(new Error("no model")),
        },
        port,
      ),
    ).rejects.toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining(`port ${port}`) });
  });
});
