import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { describeWith } from "./describe-with.js";
import { freePort } from "./listen.js";

const DEBIAN = "/usr/lib/postgresql";

/** Finds the directory of PostgreSQL's programs: on the PATH, or where Debian puts those of the newest version. */
const findPrograms = (): string | undefined => {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    ...(process.env["PATH"] ?? "").split(path.delimiter),
    ...versions.map((version) => path.join(DEBIAN, version, "bin")),
  ];
  return candidates.find(
    (directory) => existsSync(path.join(directory, "initdb")) && existsSync(path.join(directory, "pg_ctl")),
  );
};

/** PostgreSQL refuses to run as root, so that tests run as root start it as this user. */
const NOBODY = 65_534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/**
 * Runs a server until its standard input ends: also when the process of the tests is killed, nothing is left behind.
 */
const SCRIPT = `
set -e
programs=$1 data=$2/data port=$3 fsync=$4
trap '' PIPE
trap '"$programs/pg_ctl" -D "$data" -m immediate -w stop >/dev/null 2>&1 || true; rm -rf "$2"' EXIT
"$programs/initdb" -D "$data" -U tests -A trust -E UTF8 --no-locale --no-sync >"$2/initdb.log" 2>&1 || { cat "$2/initdb.log"; exit 1; }
"$programs/pg_ctl" -D "$data" -w -l "$2/log" -o "-h 127.0.0.1 -p $port -k $2 -c fsync=$fsync -c shared_buffers=16MB -c max_connections=60" start >/dev/null || { cat "$2/log"; exit 1; }
echo ready
while read -r line; do
  "$programs/pg_ctl" -D "$data" -w -l "$2/log" -m immediate restart >/dev/null
  echo restarted
done
`;

/** A server of PostgreSQL on a free port of 127.0.0.1. */
export interface PostgresServer {
  port: number;
  /** Address of a database, as user `tests` without a password. */
  address(database: string): string;
  /** Stops the server as a crash would, and starts it again. */
  restart(): Promise<void>;
  /** Stops the server and removes its files. */
  close(): Promise<void>;
}

/** Starts a server of its own. @param fsync whether it survives the end of the machine too, as in use */
export const startPostgres = async ({ fsync = false } = {}): Promise<PostgresServer> => {
  const programs = findPrograms();
  if (!programs) throw new Error(`PostgreSQL is not installed: no initdb in the PATH or in ${DEBIAN}/*/bin`);
  const directory = mkdtempSync(path.join(tmpdir(), "unsiloed-postgres-"));
  if (user.uid !== undefined) chownSync(directory, user.uid, user.gid);
  const port = await freePort();
  const child = spawn("sh", ["-c", SCRIPT, "sh", programs, directory, String(port), fsync ? "on" : "off"], {
    ...user,
    // A group of its own, so that what ends the group of the tests leaves it time to stop the server.
    detached: true,
    cwd: directory,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const expectLine = async (expected: string): Promise<void> => {
    const { value } = await lines.next();
    if (value !== expected) throw new Error(`PostgreSQL did not start: ${value}`);
  };
  await expectLine("ready");
  child.unref();
  for (const stream of [child.stdin, child.stdout])
    if ("unref" in stream && typeof stream.unref === "function") stream.unref();
  return {
    port,
    address: (database) => `postgres://tests@127.0.0.1:${port}/${database}`,
    restart: async () => {
      child.stdin.write("restart\n");
      await expectLine("restarted");
    },
    close: async () => {
      child.stdin.end();
      for await (const _ of { [Symbol.asyncIterator]: () => lines });
    },
  };
};

let shared: Promise<PostgresServer> | undefined;

/** Creates an empty database on the server that the test files of this process share. */
export const createDatabase = async (): Promise<string> => {
  shared ??= startPostgres();
  const server = await shared;
  const name = `t_${randomUUID().replaceAll("-", "")}`;
  const client = new pg.Client(server.address("postgres"));
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return server.address(name);
};

const isRequired = process.platform === "linux" && process.env["CI"] !== undefined;

/** Tests that need PostgreSQL: skipped where it is not installed, except on Linux under `CI`, where they fail. */
export const describeWithPostgres = describeWith("PostgreSQL", findPrograms() !== undefined || isRequired);
