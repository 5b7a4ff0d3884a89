/*
 * What stands in the rows of plain statements, the same for both databases. PostgreSQL hands 64-bit numbers out as
 * text, and JSON as what it means; SQLite hands booleans out as numbers, and JSON as text.
 */

/** A number, however wide its column is. */
export const toNumber = (value: unknown): number => Number(value);

export const toNumberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));

export const toBoolean = (value: unknown): boolean => value === true || value === 1;

/** A column of JSON; the caller knows what was written there. */
export const toJson = (value: unknown): unknown => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value);
