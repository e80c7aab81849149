import { type FileHandle, open } from "node:fs/promises";

/** Bytes of which any part can be read. */
export interface ByteSource {
  size: number;
  /** Reads at most so many bytes; fewer at the end. */
  read(offset: number, length: number): Promise<Buffer>;
}

const ofHandle = async (handle: FileHandle): Promise<ByteSource> => ({
  size: (await handle.stat()).size,
  read: async (offset, length) => {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  },
});

const ofBlob = (blob: Blob): ByteSource => ({
  size: blob.size,
  read: async (offset, length) => Buffer.from(await blob.slice(offset, offset + length).arrayBuffer()),
});

/** Opens a file or a Blob for a piece of work and closes it. */
export const withBytes = async <T>(
  input: string | Blob,
  work: (bytes: ByteSource) => Promise<T>,
): Promise<T> => {
  if (typeof input !== "string") return work(ofBlob(input));
  const handle = await open(input, "r");
  try {
    return await work(await ofHandle(handle));
  } finally {
    await handle.close();
  }
};
