import { UnsiloedError } from "../../errors.js";

/** Tells whether a text is the address of a PostgreSQL database, as its own tools write it. */
const isPostgresAddress = (text: string): boolean => /^postgres(?:ql)?:\/\//i.test(text);

/** Begins as an address does: `mysql://`, `postgre://`, `postgres:user@host`; but not as `C:\\` does. */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]+:\/\/|postgres(?:ql)?:)/i;

/**
 * Tells whether what users give as the state is a database and no directory.
 *
 * @throws UnsiloedError `INVALID_OPTION` for any other address: a directory of that name would be an empty ledger, by which
 *   all is paid again. It is not shown, since it may hold a password
 */
export const isDatabase = (state: string): boolean => {
  if (isPostgresAddress(state)) return true;
  if (!ADDRESS.test(state)) return false;
  throw new UnsiloedError(
    "INVALID_OPTION",
    "--state: expected a directory, or the address of a PostgreSQL database that begins with postgres://",
  );
};

/**
 * Checks the address of a database.
 *
 * @throws UnsiloedError `INVALID_OPTION`, which does not show the address, since it may hold a password
 */
export const parsePostgresAddress = (address: string): URL => {
  if (isPostgresAddress(address) && URL.canParse(address)) return new URL(address);
  throw new UnsiloedError(
    "INVALID_OPTION",
    "expected the address of a PostgreSQL database, such as postgres://user@host:5432/database; " +
      "special characters of a password are written as %XX, or the password is set in PGPASSWORD",
  );
};

/** Names a database without user, password and options, as messages may show it. */
export const nameOfDatabase = (address: string): string => {
  const { host, pathname, searchParams } = parsePostgresAddress(address);
  return `postgres://${host || (searchParams.get("host") ?? "")}${pathname}`;
};
