/** The files of kept results. Each is there whole or not at all, also when its writer is killed. */
export interface ResultFiles {
  /** Makes sure that files can be listed and, unless they are only read, written and deleted. */
  check(options: CheckOptions): Promise<void>;
  /** Returns the name of a file in messages. */
  describe(file: string): string;
  /** Reads a file. @returns `undefined` when there is none */
  read(file: string): Promise<Buffer | undefined>;
  /** Begins to write a file. Until it is committed, there is none or the one before. */
  write(file: string): ResultFileWriter;
  /** Deletes a file. @returns whether there was one */
  delete(file: string): Promise<boolean>;
  /** Lists the files, including those that are being written where they take space already. */
  list(): AsyncIterable<ListedFile>;
  /** Removes what writers left that were killed. @returns how many files */
  sweep(): Promise<number>;
}

export interface CheckOptions {
  signal?: AbortSignal | undefined;
  /** Name of the file that is written and deleted. @default none is written */
  written?: string | undefined;
}

export interface ListedFile {
  file: string;
  bytes: number;
}

export interface ResultFileWriter {
  append(bytes: Buffer): Promise<void>;
  /** Gives the file its name. */
  commit(): Promise<void>;
  /** Ends the work, and removes what was written unless it was committed. Does not reject. */
  close(): Promise<void>;
}
