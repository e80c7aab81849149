import { type Attributes, context, type Span, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import type { SourceEvent } from "../ingest/run/events.js";

type Stage = "parse" | "split" | "embed" | "store";

interface OpenDocument {
  span: Span;
  beganAt: number;
  stage: { name: Stage; span: Span; beganAt: number } | undefined;
}

/** Told of each stage and document that ended, with its duration in milliseconds. */
export interface DocumentListener {
  stageEnded(stage: Stage, durationMs: number): void;
  documentEnded(durationMs: number, outcome: string): void;
}

const prefixed = (attributes: Readonly<Record<string, string | number | boolean>>): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`unsiloed.${name}`, value]));

/**
 * Makes a span of each document and, below it, one of each of its stages, one after the other. Of a long document,
 * whose parts are embedded and stored in turns, each turn has spans of its own.
 */
export class DocumentSpans {
  readonly #tracer: Tracer;
  readonly #listener: DocumentListener;
  readonly #now: () => number;
  readonly #open = new Map<string, OpenDocument>();

  constructor(tracer: Tracer, listener: DocumentListener, now: () => number) {
    this.#tracer = tracer;
    this.#listener = listener;
    this.#now = now;
  }

  on(event: SourceEvent): void {
    const key = JSON.stringify([event.doc_id, event.source]);
    const document = this.#open.get(key);
    if (event.type === "source-started") {
      // A document that waited for a claim is started again.
      if (!document) this.#open.set(key, this.#begin(event));
      return;
    }
    if (document) this.#step(document, event);
    if (event.type === "source-ended") this.#open.delete(key);
  }

  /** Ends what is open, as a run does that is aborted. */
  close(): void {
    for (const { span, stage } of this.#open.values()) {
      stage?.span.end();
      span.end();
    }
    this.#open.clear();
  }

  #begin({ doc_id }: SourceEvent): OpenDocument {
    const span = this.#tracer.startSpan("unsiloed.document", { attributes: prefixed({ doc_id }) });
    return { span, beganAt: this.#now(), stage: undefined };
  }

  #step(document: OpenDocument, event: SourceEvent): void {
    const { span, stage } = document;
    switch (event.type) {
      case "source-status":
        if (stage?.name !== "parse") this.#enter(document, "parse");
        document.stage?.span.addEvent(event.status.state);
        break;
      case "source-parsed": {
        const { segments, credits, pages } = event;
        const found = {
          segments,
          ...(credits !== undefined && { credits }),
          ...(pages != null && { pages }),
        };
        span.setAttributes(prefixed(found));
        this.#enter(document, "split");
        break;
      }
      case "source-split":
        span.setAttributes(prefixed({ documents: event.documents }));
        this.#leave(document);
        break;
      case "source-embedding":
        this.#enter(document, "embed");
        break;
      case "source-embedded":
        stage?.span.setAttributes(prefixed({ embedded: event.embedded, reused: event.reused }));
        this.#enter(document, "store");
        break;
      case "source-stored": {
        const { upserted, unchanged, deleted } = event;
        span.setAttributes(prefixed({ upserted, unchanged, deleted }));
        this.#leave(document);
        break;
      }
      case "source-failed": {
        const { stage: failed, code, message } = event.failure;
        span.addEvent("failure", prefixed({ stage: failed, code, message }));
        break;
      }
      case "source-ended":
        this.#end(document, event);
        break;
      default:
    }
  }

  #end(document: OpenDocument, { outcome, code }: Extract<SourceEvent, { type: "source-ended" }>): void {
    const { span, beganAt } = document;
    this.#leave(document);
    span.setAttributes(prefixed({ outcome, ...(code !== null && { code }) }));
    if (outcome === "failed") span.setStatus({ code: SpanStatusCode.ERROR, message: code ?? outcome });
    span.end();
    this.#listener.documentEnded(this.#now() - beganAt, outcome);
  }

  #enter(document: OpenDocument, name: Stage): void {
    this.#leave(document);
    const parent = trace.setSpan(context.active(), document.span);
    const span = this.#tracer.startSpan(`unsiloed.${name}`, {}, parent);
    document.stage = { name, span, beganAt: this.#now() };
  }

  #leave(document: OpenDocument): void {
    const { stage } = document;
    if (!stage) return;
    stage.span.end();
    this.#listener.stageEnded(stage.name, this.#now() - stage.beganAt);
    document.stage = undefined;
  }
}
