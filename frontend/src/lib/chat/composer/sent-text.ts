/** What is sent of a text that somebody typed: blank lines around it are left out, the indent of its first line is not. */
export const sentText = (typed: string): string => typed.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
