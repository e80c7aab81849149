import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rewrite } from "../../src/emulator/jobs/renew.js";
import { findChunks, prepareObject } from "../../src/emulator/jobs/saved-result.js";

const inPieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

async function* stream(pieces: Buffer[]) {
  yield* pieces;
}

const textFrom = async (source: AsyncIterable<Buffer>): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
};

const pieceSize = fc.integer({ min: 1, max: 40 });
const spacing = fc.constantFrom(undefined, 1, "\t");

describe("finding the chunks of a saved result", () => {
  it("splits any JSON object at its chunks, for any boundaries of pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.option(fc.jsonValue(), { nil: undefined }),
        pieceSize,
        spacing,
        async (others, chunks, size, space) => {
          const whole = {
            ...others,
            ...(chunks === undefined ? {} : { chunks }),
            last: { chunks: ["chunks"] },
          };
          const bytes = Buffer.from(JSON.stringify(whole, undefined, space));
          const { rest: text, span } = await findChunks(stream(inPieces(bytes, size)));
          const found = span && JSON.parse(bytes.subarray(span.start, span.end).toString("utf8"));
          const expected = JSON.parse(bytes.toString("utf8"));
          expect(found).toEqual(expected.chunks);
          const rest = JSON.parse(text);
          expect(rest).toEqual(span ? { ...expected, chunks: null } : expected);
        },
      ),
    );
  });
});

describe("rewriting chunks", () => {
  const renewIds = { seed: "s", jobId: "j" };

  it("changes only ids, images and display names, for any boundaries of pieces", async () => {
    const segment = fc.record({
      segment_id: fc.constantFrom("s-1", "s-2", ""),
      segment_type: fc.constantFrom("Text", "SectionHeader"),
      image: fc.constantFrom(null, "https://b.example/a.jpg", "data:image/png;base64,AA"),
      content: fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.constant('"segment_id": "s-1", "segment_type": "Text"'),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(segment), pieceSize, spacing, async (segments, size, space) => {
        const bytes = Buffer.from(JSON.stringify([{ chunk_id: "c", segments }], undefined, space));
        const how = { renewIds, base64Images: true, displayNames: true };
        const text = await textFrom(rewrite(stream(inPieces(bytes, size)), how));
        expect(text).toBe(await textFrom(rewrite(stream([bytes]), how)));
        const [chunk] = JSON.parse(text);
        expect(chunk.chunk_id).toMatch(/^[0-9a-f-]{36}$/);
        expect(chunk.segments).toEqual(
          segments.map(({ segment_id, segment_type, image, content }) => ({
            segment_id: segment_id === "" ? "" : expect.stringMatching(/^[0-9a-f-]{36}$/),
            segment_type,
            segment_type_display: segment_type === "Text" ? "Text" : "Section Header",
            image: image?.startsWith("http") ? expect.stringMatching(/^data:image/) : image,
            content,
          })),
        );
      }),
    );
  });

  it("replaces equal ids by equal ids", async () => {
    const { chunks } = prepareObject({
      chunks: [{ segments: ["a", "b", "a"].map((segment_id) => ({ segment_id })) }],
    });
    if (!chunks) throw new Error("expected chunks");
    const [{ segments }] = JSON.parse(await textFrom(rewrite(chunks.open(), { renewIds })));
    expect(segments[0]).toEqual(segments[2]);
    expect(segments[0]).not.toEqual(segments[1]);
  });
});
