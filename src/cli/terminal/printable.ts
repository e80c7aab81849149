import { stripVTControlCharacters } from "node:util";

/** Credentials in the query of a web address. Programs see them, since they are part of the document's id. */
const CREDENTIAL =
  /([?&](?:[\w.-]*(?:token|secret|password|signature|api[-_]?key|access[-_]?key)|auth|key|pwd|sig)=)[^&#\s"'\])]+/gi;

/** Characters that change the order in which a terminal shows the text after them. */
const DIRECTION = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

export const withoutCredentials = (text: string): string => text.replace(CREDENTIAL, "$1[secret]");

/**
 * Text as it may be shown: control characters in names and in the text of documents must not steer the terminal, and
 * those that turn the direction of writing must not make it show another text than there is.
 */
export const printable = (text: string): string =>
  withoutCredentials(
    stripVTControlCharacters(text)
      .replace(/\p{Cc}/gu, (control) => (/[\n\t]/.test(control) ? control : ""))
      .replace(DIRECTION, escaped),
  );
