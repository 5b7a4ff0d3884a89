import type katex from 'katex';

/** A formula as HTML that is safe to insert (`trust: false`), or `undefined` where it is not right TeX. */
export function formulaHtml(renderer: typeof katex, text: string, isDisplay: boolean): string | undefined {
  try {
    return renderer.renderToString(text, {
      displayMode: isDisplay,
      throwOnError: true,
      trust: false,
      strict: 'ignore',
      // Macros that expand without end, and boxes as large as the page, come from a text that nobody here wrote.
      maxExpand: 500,
      maxSize: 20,
    });
  } catch (error) {
    // Anything else, such as nesting that no stack could follow, must not take the message along.
    if (!(error instanceof renderer.ParseError)) console.warn('A formula could not be set.', error);
    return undefined;
  }
}
