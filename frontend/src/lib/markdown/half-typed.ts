import remend from 'remend';

/** The text with emphasis, code spans and links closed whose ends are not typed yet; for display only. */
export const closeHalfTyped = (source: string): string =>
  remend(source, {
    linkMode: 'text-only',
    // The lexer of this folder knows better about formulas, HTML and tildes.
    katex: false,
    htmlTags: false,
    singleTilde: false,
    comparisonOperators: false,
  });
