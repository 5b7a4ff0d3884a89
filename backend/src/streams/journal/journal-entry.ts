/**
 * One delta in a row of the journal: the number of the run within the process (`runs.journal_run`), the number in the
 * stream, the offset in UTF-16 units, and the text.
 */
export type JournalEntry = readonly [run: number, seq: number, offset: number, text: string];

/** Parses the column `data` of a row, a JSON list of entries. Only the journal writes it, so it is not validated. */
export const parseEntries = (data: string): readonly JournalEntry[] => JSON.parse(data) as JournalEntry[];
