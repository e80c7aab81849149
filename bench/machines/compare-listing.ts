import { PostgresDatabase } from "../../src/internal/postgres/database.js";
import { PostgresLedger } from "../../src/ledger/postgres/postgres-ledger.js";

/** As many keys as a page of a listing has. */
const PAGE = 1_000;

/**
 * Compares a listing of unchanged keys with a ledger that knows them all, page by page.
 *
 * @param address a database that holds at least one stored document, of which the others are made
 * @returns seconds, without the time to make the documents
 */
export const compareListing = async (address: string, keys: number): Promise<number> => {
  const database = new PostgresDatabase(address, { answerMs: 0 });
  const ledger = new PostgresLedger(database);
  try {
    await database.query(
      `insert into unsiloed.documents
         (key, state, job_id, store, content_hash, parse_hash, options_hash, points, point_ids, format, record)
       select 'bucket/' || number, state, job_id, store, content_hash, parse_hash, options_hash, points, point_ids, format,
         (record::jsonb || jsonb_build_object('doc_id', 'bucket/' || number))::json
       from generate_series(1, $1::int) as number,
         (select * from unsiloed.documents where state = 'stored' limit 1) as document`,
      [keys],
    );
    await database.query("vacuum analyze unsiloed.documents");
    const begun = performance.now();
    let unchanged = 0;
    for (let first = 1; first <= keys; first += PAGE) {
      const names = Array.from(
        { length: Math.min(PAGE, keys - first + 1) },
        (_, index) => `bucket/${first + index}`,
      );
      const found = await ledger.getMany(names);
      for (const name of names) if (found.get(name)?.record?.state === "stored") unchanged++;
    }
    if (unchanged !== keys) throw new Error(`${unchanged} of ${keys} keys were found`);
    return (performance.now() - begun) / 1_000;
  } finally {
    await ledger.close();
    await database.close();
  }
};
