/** Tables that no entity stands for, as each database has its own shape of them: the index of the search. */
export const UNMAPPED_TABLES: readonly string[] = ['search_words'];

/** These, and those that a virtual table of SQLite keeps for itself, whose names begin alike. */
export const UNMAPPED_PATTERNS: RegExp[] = UNMAPPED_TABLES.map((name) => new RegExp(`^(\\w+\\.)?${name}`));
