// Loaded before the command, as an SDK is: prints the name of each span that ends.
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

const exporter = {
  /**
   * @param {readonly { name: string }[]} spans
   * @param {(result: { code: number }) => void} done
   */
  export(spans, done) {
    for (const { name } of spans) process.stderr.write(`SPAN ${name}\n`);
    done({ code: 0 });
  },
  shutdown: async () => undefined,
};
trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
);
