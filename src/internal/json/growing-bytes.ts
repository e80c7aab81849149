/** Joins pieces of bytes in one buffer, so that no pieces and none of the memory around them are held. */
export class GrowingBytes {
  #bytes: Buffer = Buffer.allocUnsafe(4_096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The bytes so far; valid until more are appended. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#length);
  }

  append(piece: Uint8Array, from: number, to: number): void {
    const needed = this.#length + to - from;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece.subarray(from, to), this.#length);
    this.#length = needed;
  }

  /** Decodes the bytes; what is not UTF-8 becomes U+FFFD. */
  text(from = 0): string {
    return this.#bytes.toString("utf8", from, this.#length);
  }

  /** Removes all bytes, and frees the memory of a very long value. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > 1_048_576) this.#bytes = Buffer.allocUnsafe(4_096);
  }
}
