import { CUT, skipBlanks } from "./bytes.js";
import { OpenValue, type ValueReader } from "./scan.js";

/** A value that is left out, and read before where it has a reader. */
export class SkippedValue {
  /** The byte at which it begins. */
  start = 0;
  readonly #bytes = new OpenValue();
  #read: ValueReader | undefined;

  /**
   * Most values lie within a piece and are read where they are.
   *
   * @param byte of the whole at which the value begins
   * @returns the place behind the value, `CUT` when its bytes are to be added, `ODD` when it is not to be left out
   */
  begin(piece: Uint8Array, from: number, byte: number, read: ValueReader | undefined): number {
    this.start = byte;
    this.#read = read;
    this.#bytes.begin(byte);
    return read ? read(piece, from) : CUT;
  }

  /** @throws JsonScanError when a value that is to be read has more bytes than allowed */
  add(piece: Uint8Array, from: number, to: number, most: number): void {
    if (this.#read) this.#bytes.keep(piece, from, to, most);
  }

  /** Reads the value, now that all of it is there. @returns its bytes when it is odd */
  end(): Uint8Array | undefined {
    const { bytes } = this.#bytes;
    const isRead = !this.#read || skipBlanks(bytes, this.#read(bytes, 0)) === bytes.length;
    return isRead ? undefined : bytes;
  }
}
