/** The text that is sent: without blank lines around it, but with the indent of its first line. */
export const sentText = (typed: string): string => typed.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
