import { INCOMPLETE, skipBlanks } from "./bytes.js";
import { endOfList } from "./list-end.js";
import { OpenValue, type ValueReader } from "./scan.js";

/** Leaves out a value, after reading it if there is a reader. */
export class SkippedValue {
  /** The byte at which it begins. */
  start = 0;
  readonly #bytes = new OpenValue();
  #read: ValueReader | undefined;

  /**
   * Begins with a value. Most are lists within one piece, and are read where they are.
   *
   * @param byte the byte of the whole at which the value begins
   * @returns the index after the value; `INCOMPLETE` if its bytes must be added; `UNREADABLE` if it must stay in
   */
  begin(piece: Uint8Array, from: number, byte: number, read: ValueReader | undefined): number {
    this.start = byte;
    this.#read = read;
    this.#bytes.begin(byte);
    const end = endOfList(piece, from);
    if (end < 0) return INCOMPLETE;
    return read ? read(piece, from) : end;
  }

  /** Adds bytes of the value. @throws JsonScanError if a value that must be read has more bytes than allowed */
  add(piece: Uint8Array, from: number, to: number, most: number): void {
    if (this.#read) this.#bytes.keep(piece, from, to, most);
  }

  /** Reads the value once it is complete. @returns its bytes if it cannot be read */
  end(): Uint8Array | undefined {
    const { bytes } = this.#bytes;
    const isRead = !this.#read || skipBlanks(bytes, this.#read(bytes, 0)) === bytes.length;
    return isRead ? undefined : bytes;
  }
}
