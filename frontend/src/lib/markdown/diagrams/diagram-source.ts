const HAS_TAG = /<[a-z]/i;
/** `==` is a link of a flowchart. */
const HANDLER = /(\bon[a-z]+\s*)=(?!=)/gi;

/**
 * The source of a diagram with no handler of an event in its labels. Mermaid drops them by itself, but has them parsed
 * as HTML by DOMPurify first, which the page's Content-Security-Policy reports each time, as if somebody had got through.
 * Mermaid's own way to write `=` keeps the words as they are where they were meant to be read.
 */
export const withoutHandlers = (code: string): string => (HAS_TAG.test(code) ? code.replace(HANDLER, '$1#61;') : code);
