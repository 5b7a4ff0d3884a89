/*
 * Convert values in the rows of plain statements, which differ between the drivers: PostgreSQL's returns 64-bit numbers
 * as text and JSON parsed; SQLite's returns booleans as numbers and JSON as text.
 */

/** A number from a column of any width. */
export const toNumber = (value: unknown): number => Number(value);

export const toNumberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));

export const toBoolean = (value: unknown): boolean => value === true || value === 1;

/** The parsed value of a JSON column; the caller knows its type. */
export const toJson = (value: unknown): unknown => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value);
