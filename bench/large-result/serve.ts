// The server, in its own process, so that its memory does not count as the client's.
import { largeResult, serve } from "./generate.js";

const result = await largeResult(Number(process.argv[2]), process.argv[3] === "one-chunk");
const { url } = await serve(result);
process.stdout.write(`${JSON.stringify({ url, bytes: result.bytes, segments: result.segments })}\n`);
process.stdin.resume().on("end", () => process.exit(0));
