/** The rows that follow the one with this id; from the beginning without it. */
export type ReadRows<Row> = (after: string | undefined) => Promise<readonly Row[]>;

/**
 * A JSON list, generated while it is read: a page of rows at a time, until one is empty.
 * @param idOf what the next page begins after
 */
export async function* jsonList<Row>(read: ReadRows<Row>, idOf: (row: Row) => string): AsyncGenerator<string> {
  yield '[';
  let separator = '\n';
  let rows = await read(undefined);
  for (let last = rows.at(-1); last; last = rows.at(-1)) {
    for (const row of rows) {
      yield separator + JSON.stringify(row, undefined, 2);
      separator = ',\n';
    }
    rows = await read(idOf(last));
  }
  yield '\n]\n';
}
