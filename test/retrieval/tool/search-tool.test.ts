import { AIMessage, createAgent, fakeModel, ToolMessage } from "langchain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Citation, formatCitations } from "../../../src/retrieval/citations.js";
import { SegmentRetriever } from "../../../src/retrieval/segment-retriever.js";
import { createSearchTool } from "../../../src/retrieval/tool/search-tool.js";
import { SEARCHABLES, type Searchable } from "../../support/retrieval/searchable.js";
import { heading, rowsHtml, table, text } from "../../support/splitters/segments.js";

describe.each(SEARCHABLES)("the search tool on %s", (_name, open) => {
  let under: Searchable;
  beforeAll(async () => {
    under = await open();
    await under.add("report.pdf", [
      heading("# Report"),
      text("The dividend is 1.35 euros per share.", { page_number: 2 }),
      table(rowsHtml(["Site", "Power"], 4), { page_number: 3 }),
    ]);
  });
  afterAll(() => under.close());

  const retriever = (expand: "none" | "neighbours" = "none") =>
    new SegmentRetriever({ sink: under.sink, embeddings: under.embeddings, k: 1, mode: "text", expand });

  it("gives an agent numbered passages, and the program their citations", async () => {
    const tool = createSearchTool(retriever());
    const model = fakeModel()
      .respondWithTools([{ name: tool.name, args: { query: "dividend per share" } }])
      .respond((messages) => new AIMessage(`As the tool says: ${messages.at(-1)?.text}`));
    const agent = createAgent({ model, tools: [tool] });
    const { messages } = await agent.invoke({ messages: [{ role: "user", content: "How much is it?" }] });

    const answer = messages.find((message) => ToolMessage.isInstance(message));
    const [document] = await retriever().invoke("dividend per share");
    expect(document).toBeDefined();
    expect(answer?.text).toBe(
      `[1] (${formatCitations(document ? [document] : []).slice(4)})\n${document?.pageContent}`,
    );
    expect(messages.at(-1)?.text).toContain("1.35 euros");
    const artifact: Citation[] = answer?.artifact;
    expect(artifact).toEqual([
      {
        number: 1,
        source: "report.pdf",
        doc_id: "report.pdf",
        segment_type: "Text",
        page_number: document?.metadata.page_number,
        boxes: document?.metadata.boxes,
        section_path: ["Report"],
        confidence: 0.9,
      },
    ]);
    const boxes = artifact.flatMap((citation) => citation.boxes);
    expect(boxes.length).toBeGreaterThan(0);
    for (const { page_number, bbox } of boxes) {
      expect(page_number).toBeGreaterThan(0);
      expect(bbox).toMatchObject({ left: expect.any(Number), width: expect.any(Number) });
    }
  });

  it("cites every location of an expanded passage", async () => {
    const tool = createSearchTool(retriever("neighbours"));
    const message: unknown = await tool.invoke({
      name: tool.name,
      args: { query: "dividend" },
      id: "call-1",
      type: "tool_call",
    });
    if (!ToolMessage.isInstance(message)) throw new Error("expected a tool message");
    const [citation]: Citation[] = message.artifact;
    expect(citation?.boxes.map(({ page_number }) => page_number)).toContain(3);
    expect(message.text).toContain("| Site | Power |");
  });

  it("reports when nothing is found", async () => {
    const tool = createSearchTool(retriever(), { name: "look_up", description: "Looks things up." });
    expect([tool.name, tool.description]).toEqual(["look_up", "Looks things up."]);
    expect(await tool.invoke({ query: "xylophone" })).toBe("Nothing was found.");
  });
});
