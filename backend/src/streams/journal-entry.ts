/** One delta in a row of the journal: run, number in the stream, offset, text. */
export type JournalEntry = readonly [runId: string, seq: number, offset: number, text: string];

/** The column `data` of a row: a JSON list of entries. Only the journal writes it. */
export const parseEntries = (data: string): readonly JournalEntry[] => JSON.parse(data) as JournalEntry[];
