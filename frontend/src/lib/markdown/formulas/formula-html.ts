import type katex from 'katex';

/** A formula as HTML that is safe to insert (`trust: false`), or `undefined` if it is not valid TeX. */
export function formulaHtml(renderer: typeof katex, text: string, isDisplay: boolean): string | undefined {
  try {
    return renderer.renderToString(text, {
      displayMode: isDisplay,
      throwOnError: true,
      trust: false,
      strict: 'ignore',
      // The text is untrusted: macros may expand without end, and boxes may be as large as the page.
      maxExpand: 500,
      maxSize: 20,
    });
  } catch (error) {
    // Any other error, such as a stack overflow by nesting, must not break the whole message.
    if (!(error instanceof renderer.ParseError)) console.warn('A formula could not be rendered.', error);
    return undefined;
  }
}
