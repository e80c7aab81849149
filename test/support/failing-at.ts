import type { VectorSink } from "../../src/stores/sink.js";

/** Makes one method of a sink fail, as if the process had ended there. */
export const failingAt = (sink: VectorSink, method: keyof VectorSink): VectorSink =>
  new Proxy(sink, {
    get: (target, key) => {
      if (key === method) return () => Promise.reject(new Error(`${method} is made to fail`));
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
