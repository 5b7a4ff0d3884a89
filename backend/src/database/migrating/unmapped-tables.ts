/** Tables without entities, because they differ between the databases: the index of the search. */
export const UNMAPPED_TABLES: readonly string[] = ['search_words'];

/** Patterns for these tables and for the shadow tables of SQLite's virtual table, whose names have the same prefix. */
export const UNMAPPED_PATTERNS: RegExp[] = UNMAPPED_TABLES.map((name) => new RegExp(`^(\\w+\\.)?${name}`));
