/**
 * One delta in a row of the journal: the number of the run among those of the process (`runs.journal_run`), the number
 * in the stream, offset, text.
 */
export type JournalEntry = readonly [run: number, seq: number, offset: number, text: string];

/** The column `data` of a row: a JSON list of entries. Only the journal writes it. */
export const parseEntries = (data: string): readonly JournalEntry[] => JSON.parse(data) as JournalEntry[];
