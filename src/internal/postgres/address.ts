import { UnsiloedError } from "../../errors.js";

/** Tells whether a text is the address of a PostgreSQL database, as its own tools write it. */
export const isPostgresAddress = (text: string): boolean => /^postgres(?:ql)?:\/\//i.test(text);

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
