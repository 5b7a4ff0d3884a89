import type { InlineToken, SpanType } from '../token.types.ts';

/** HTML elements that are drawn. Any other HTML is shown as text; attributes are ignored. */
const DRAWN: ReadonlySet<string> = new Set<SpanType>(['sub', 'sup', 'kbd', 'mark']);
const TAG = /^<(\/?)([a-z]+)(?:\s[^]*)?>$/i;
const BREAK = /^<br(?:\s[^]*)?\/?>$/i;
/** A limit for elements that are open at once; more are not meant. */
const MAX_OPEN = 16;
const COMMENT = /^<!--[^]*-->$|^<!---?>$/;

interface Opened {
  readonly name: string;
  /** The text of its tag, to be shown if it has no end. */
  readonly tag: InlineToken;
  readonly before: InlineToken[];
}

/** Nests the content between the tags of an element; replaces breaks and comments. */
export function pairElements(tokens: InlineToken[]): InlineToken[] {
  if (!tokens.some(({ type }) => type === 'html')) return tokens;
  const open: Opened[] = [];
  let made: InlineToken[] = [];
  const giveUp = (): void => {
    const opened = open.pop();
    if (!opened) return;
    opened.before.push(opened.tag, ...made);
    made = opened.before;
  };
  for (const token of tokens) {
    if (token.type !== 'html') made.push(token);
    else if (BREAK.test(token.text)) made.push({ type: 'br' });
    else if (!COMMENT.test(token.text)) {
      const [, slash, name = ''] = TAG.exec(token.text)?.map((part) => part.toLowerCase()) ?? [];
      if (!isDrawn(name)) made.push(token);
      else if (slash === '' && open.length < MAX_OPEN) {
        open.push({ name, tag: token, before: made });
        made = [];
      } else if (slash !== '' && open.some((opened) => opened.name === name)) {
        while (open.at(-1)?.name !== name) giveUp();
        const { before = [] } = open.pop() ?? {};
        before.push({ type: name, tokens: made });
        made = before;
      } else made.push(token);
    }
  }
  while (open.length > 0) giveUp();
  return made;
}

const isDrawn = (name: string): name is Extract<SpanType, 'sub' | 'sup' | 'kbd' | 'mark'> => DRAWN.has(name);
