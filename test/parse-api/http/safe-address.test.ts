import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { UnsiloedError } from "../../../src/errors.js";
import { allowAddress, isPublicAddress, publicLookup } from "../../../src/parse-api/http/safe-address.js";
import { Transport } from "../../../src/parse-api/http/transport.js";
import { listen } from "../../support/listen.js";
import { API_KEY, errorOf, openService, pdf } from "../../support/parse-service.js";

const policy = (baseUrl = "https://api.example", allowPrivateAddresses = false) => ({
  baseUrl: new URL(baseUrl),
  allowPrivateAddresses,
});

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof UnsiloedError) return thrown.code;
    throw thrown;
  }
};

describe("addresses", () => {
  it("are public or not", () => {
    for (const address of [
      "93.184.216.34",
      "8.8.8.8",
      "172.32.0.1",
      "100.128.0.1",
      "2606:2800:220:1::1",
      "2a00::1",
    ])
      expect([address, isPublicAddress(address)]).toEqual([address, true]);
    for (const address of [
      "0.0.0.0",
      "10.1.2.3",
      "100.64.0.1",
      "127.0.0.1",
      "127.9.9.9",
      "169.254.169.254",
      "172.16.0.1",
      "172.31.255.255",
      "192.0.0.1",
      "192.0.2.1",
      "192.168.1.1",
      "198.18.0.1",
      "198.51.100.1",
      "203.0.113.1",
      "224.0.0.1",
      "240.0.0.1",
      "255.255.255.255",
      "::",
      "::1",
      "::ffff:8.8.8.8",
      "::ffff:127.0.0.1",
      "::127.0.0.1",
      "64:ff9b::7f00:1",
      "100::1",
      "fc00::1",
      "fd12::1",
      "fe80::1",
      "fe80::1%eth0",
      "fec0::1",
      "ff02::1",
      "2001::1",
      "2001:db8::1",
      "2002:7f00:1::",
      "3fff::1",
      "localhost",
      "",
    ])
      expect([address, isPublicAddress(address)]).toEqual([address, false]);
  });

  it("may be used over https when they are public, but not when they are private in any notation", () => {
    for (const url of [
      "https://storage.example/a?b=c",
      "https://storage.example:8443/",
      "https://8.8.8.8/",
      "https://[2606::1]/",
    ])
      expect([url, allowAddress(new URL(url), policy())]).toEqual([url, "public"]);
    for (const url of [
      "http://storage.example/",
      "ftp://storage.example/",
      "file:///etc/passwd",
      "data:text/plain,x",
      "https://127.0.0.1/",
      "https://127.1/",
      "https://2130706433/",
      "https://0x7f.0.0.1/",
      "https://0177.0.0.1/",
      "https://[::1]/",
      "https://[::ffff:127.0.0.1]/",
      "https://169.254.169.254/latest",
      "https://10.0.0.1:8443/",
      "http://api.example/",
    ])
      expect([url, codeOf(() => allowAddress(new URL(url), policy()))]).toEqual([url, "UNSAFE_ADDRESS"]);
  });

  it("are trusted when the API is local, when they are on its host, or when the options say so", () => {
    const local = new URL("http://127.0.0.1:9000/x");
    for (const trusting of [
      policy("http://127.0.0.1:8000"),
      policy("https://localhost:8000"),
      policy("https://10.0.0.5"),
      policy("https://[fd00::1]"),
      policy("https://parse.internal"),
      policy("https://api.example", true),
    ])
      expect(allowAddress(local, trusting)).toBe("trusted");
    const own = new URL("https://api.example:9443/upload");
    expect(allowAddress(own, policy())).toBe("trusted");
    expect(codeOf(() => allowAddress(new URL("file:///x"), policy("http://127.0.0.1:1")))).toBe(
      "UNSAFE_ADDRESS",
    );
  });

  it("are shown without their signature", () => {
    try {
      allowAddress(new URL("http://u:s3cret@storage.example/a?signature=s3cret"), policy());
    } catch (thrown) {
      expect(String(thrown)).toContain("http://storage.example/a");
      expect(String(thrown)).not.toContain("s3cret");
      return;
    }
    throw new Error("expected an error");
  });
});

describe("looking up a host", () => {
  const found = (addresses: readonly string[], all: boolean) =>
    new Promise<unknown[]>((resolve) => {
      const lookup = publicLookup((_host, _options, callback) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        ),
      );
      lookup("host.example", { all }, (...given) => resolve(given));
    });

  it("returns public addresses, and refuses a host with any private address", async () => {
    expect(await found(["8.8.8.8"], false)).toEqual([null, "8.8.8.8", 4]);
    expect(await found(["8.8.8.8", "2606::1"], true)).toEqual([
      null,
      [
        { address: "8.8.8.8", family: 4 },
        { address: "2606::1", family: 6 },
      ],
    ]);
    for (const addresses of [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::ffff:127.0.0.1"], []])
      expect((await found(addresses, true))[0]).toMatchObject({ code: "UNSAFE_ADDRESS" });
  });

  it("decides the address of a connection, so that no name can lead to a private host", async () => {
    let connected = 0;
    const server = createServer();
    server.on("connection", () => {
      connected += 1;
    });
    const url = new URL(`https://localhost:${await listen(server)}/`);
    const { signal } = new AbortController();
    const sending = new Transport().send({ method: "GET", url, headers: {}, signal }, (to) =>
      allowAddress(to, policy()),
    );
    expect(await errorOf(sending)).toMatchObject({ code: "UNSAFE_ADDRESS" });
    expect(connected).toBe(0);
  });
});

describe("a client of a public API", () => {
  /** The API answers through `fetch`; nothing else may be reached. */
  const clientOf = async (answer: (url: string) => Response) => {
    const asked: { url: string; apiKey: string | null }[] = [];
    const { client } = await openService(
      {},
      {
        baseUrl: "https://api.example/v1",
        uploadThresholdBytes: 1,
        fetch: async (input, init) => {
          asked.push({ url: String(input), apiKey: new Headers(init?.headers).get("api-key") });
          return answer(String(input));
        },
      },
    );
    return { client, asked };
  };

  for (const address of [
    "http://storage.example/r?s=s3cret",
    "https://127.0.0.1:9/r?s=s3cret",
    "https://localhost:9/r?s=s3cret",
  ]) {
    it(`neither reads nor uploads at ${address.split("?")[0]}`, async () => {
      const { client, asked } = await clientOf((url) =>
        url.includes("/upload")
          ? Response.json({ job_id: "j", upload_url: address })
          : Response.json({ job_id: "j", status: "Succeeded", output_file_url: address }),
      );
      const reading = await errorOf(client.readResult("j", { resultVia: "url" }));
      expect(reading).toMatchObject({ code: "UNSAFE_ADDRESS", retryable: false, context: { jobId: "j" } });
      const uploading = await errorOf(client.submitFile(pdf()));
      expect(uploading).toMatchObject({ code: "UPLOAD_FAILED", retryable: false, context: { jobId: "j" } });
      for (const { message } of [reading, uploading]) {
        expect(message).toContain("allowPrivateAddresses");
        expect(message).not.toContain("s3cret");
      }
      expect(asked).toHaveLength(2);
    });
  }

  it("sends its key to no other scheme, port or host, and follows redirects on its own host", async () => {
    for (const location of [
      "http://api.example/v1/parse/j",
      "https://api.example:8443/v1/parse/j",
      "https://api.example.evil.example/",
      "https://evil.example/parse/j",
      "//evil.example/",
      "https://api.example@evil.example/",
      "file:///etc/passwd",
    ]) {
      const { client, asked } = await clientOf(
        () => new Response(null, { status: 307, headers: { location } }),
      );
      for (const call of [
        () => client.getStatus("j"),
        () => client.readResult("j"),
        () => client.submitFile(pdf()),
      ])
        expect((await errorOf(call())).message).toContain("not followed");
      expect(asked.every(({ url }) => url.startsWith("https://api.example/v1/"))).toBe(true);
      expect(asked).toHaveLength(3);
    }
    const { client, asked } = await clientOf((url) =>
      url.endsWith("/moved")
        ? Response.json({ status: "Queued" })
        : new Response(null, { status: 307, headers: { location: "/moved" } }),
    );
    expect((await client.getStatus("j")).state).toBe("Queued");
    expect(asked.map(({ apiKey }) => apiKey)).toEqual([API_KEY, API_KEY]);
  });
});
