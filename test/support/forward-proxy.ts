import { createServer, type RequestListener, request as send } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect } from "node:net";
import { listen } from "./listen.js";

/** A certificate of `*.test`, made for these tests only. */
const CERTIFICATE = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg786ygQADPZQC++4B
7VnwSZongjIdyBnRTKFvtFA1OrihRANCAAROHCI0d7Ep2dYMHbsJ1O7KMRfHbBzM
rT+5WYZ126Z2MMOdi69gkZIqUiw4GHTnMnPElwqjbEJH0K98ubrGhmIY
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBizCCATKgAwIBAgIUYgYzRTm0Q0VNkDRVEmjvKdwRK3UwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGKi50ZXN0MCAXDTI2MTEzMDA2NTQ1MloYDzIxMjYxMTA2MDY1
NDUyWjARMQ8wDQYDVQQDDAYqLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAROHCI0d7Ep2dYMHbsJ1O7KMRfHbBzMrT+5WYZ126Z2MMOdi69gkZIqUiw4GHTn
MnPElwqjbEJH0K98ubrGhmIYo2YwZDAdBgNVHQ4EFgQUZU1wcCLj5re+eCJMLGBb
58vm6dMwHwYDVR0jBBgwFoAUZU1wcCLj5re+eCJMLGBb58vm6dMwDwYDVR0TAQH/
BAUwAwEB/zARBgNVHREECjAIggYqLnRlc3QwCgYIKoZIzj0EAwIDRwAwRAIgO/ZU
D6qaCBXTLpugEftbWIkrWUoLFdGz2RCaHTZQwyoCIA8TWvdqGe1nnKGNcb3MXrtb
LUsnMdn42SfErzNhKk1A
-----END CERTIFICATE-----
`,
};

/** Serves http, or https with a self-signed certificate. @returns the port */
export const serve = (listener: RequestListener, secure = false): Promise<number> =>
  listen(secure ? createSecureServer(CERTIFICATE, listener) : createServer(listener));

/**
 * A proxy like that of a company: forwards http, opens tunnels for https, and resolves hosts that no other name
 * server has.
 */
export interface ForwardProxy {
  url: string;
  /** The requests it received: `GET http://host/path` or `CONNECT host:port`, with their credentials. */
  readonly asked: string[];
}

/**
 * Starts a proxy on this machine.
 *
 * @param ports ports of the servers, by host
 * @param refusal status of every answer, if given
 */
export const startProxy = async (
  ports: Readonly<Record<string, number>>,
  refusal?: number,
): Promise<ForwardProxy> => {
  const asked: string[] = [];
  const portOf = (host: string) => ports[host] ?? 0;
  const note = (method: string, target: string, credentials: string | undefined) =>
    void asked.push([method, target, credentials].filter(Boolean).join(" "));
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    note(method, url, headers["proxy-authorization"]);
    if (refusal !== undefined) return void response.writeHead(refusal).end("refused by the proxy");
    const { hostname, pathname, search } = new URL(url);
    const to = { host: "127.0.0.1", port: portOf(hostname), path: `${pathname}${search}`, method, headers };
    const forwarded = send(to, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    request.pipe(forwarded);
  });
  server.on("connect", (request, socket, head) => {
    note("CONNECT", request.url ?? "", request.headers["proxy-authorization"]);
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
    const upstream = connect(portOf(new URL(`http://${request.url}`).hostname), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream])
      end.on("error", () => [socket, upstream].map((one) => one.destroy()));
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
};
