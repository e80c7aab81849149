import { useMemo } from "preact/hooks";
import type { DocumentView, PageView } from "../../../contract.js";
import type { Api } from "../../shared/api.js";
import { type Answer, useAnswer } from "../../shared/use-answer.js";

/** How many pages are remembered: those near the view, of the sheets and of the list of pages. */
const REMEMBERED = 40;

/** Reads pages of a document, and remembers those that were read last. */
export class PageReader {
  readonly #read: (page: number) => Promise<PageView>;
  readonly #pages = new Map<number, Promise<PageView>>();

  constructor(read: (page: number) => Promise<PageView>) {
    this.#read = read;
  }

  get(number: number): Promise<PageView> {
    const page = this.#pages.get(number) ?? this.#read(number);
    this.#pages.delete(number);
    this.#pages.set(number, page);
    page.catch(() => this.#pages.delete(number));
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= REMEMBERED) break;
      this.#pages.delete(oldest);
    }
    return page;
  }
}

/** Makes a reader for the document as it is now: once it is stored again, its pages are read again. */
export const usePageReader = (api: Api, doc: string, view: DocumentView | undefined): PageReader =>
  useMemo(() => new PageReader((page) => api.page(doc, page)), [api, doc, view?.row.updatedAt]);

export const usePage = (reader: PageReader, number: number | undefined): Answer<PageView> =>
  useAnswer(() => reader.get(number ?? 0), number === undefined ? undefined : number, reader);
