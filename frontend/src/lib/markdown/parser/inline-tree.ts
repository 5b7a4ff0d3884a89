import type { Token } from 'markdown-it';
import { parser, type ParserEnv } from './markdown-parser.ts';
import { pairElements } from './elements.ts';
import type { InlineToken, SpanType } from '../token.types.ts';

/** Deeper nesting is not meant, and each level costs stack: its content is drawn without the marks. */
const MAX_DEPTH = 32;

const SPANS: Readonly<Record<string, SpanType>> = { strong_open: 'strong', em_open: 'em', s_open: 'del' };

/** Inline content of a line or paragraph, as a tree. */
export function inlineTree(content: string, env: ParserEnv): InlineToken[] {
  const tokens: Token[] = [];
  parser.inline.parse(content, parser, env, tokens);
  return treeOf(tokens);
}

function treeOf(tokens: readonly Token[]): InlineToken[] {
  const open: { readonly token: Token; readonly before: InlineToken[] }[] = [];
  let made: InlineToken[] = [];
  let tooDeep = 0;
  for (const token of tokens) {
    if (token.nesting === 0) addTo(made, leaf(token));
    else if (token.nesting > 0) {
      if (open.length >= MAX_DEPTH) tooDeep += 1;
      else {
        open.push({ token, before: made });
        made = [];
      }
    } else if (tooDeep > 0) tooDeep -= 1;
    else {
      const opened = open.pop();
      if (!opened) continue;
      opened.before.push(span(opened.token, pairElements(made)));
      made = opened.before;
    }
  }
  return pairElements(made);
}

/** Merges adjacent texts. */
function addTo(made: InlineToken[], token: InlineToken | undefined): void {
  if (!token || (token.type === 'text' && token.text === '')) return;
  const last = made.at(-1);
  if (token.type === 'text' && last?.type === 'text')
    made[made.length - 1] = { type: 'text', text: last.text + token.text };
  else made.push(token);
}

const attribute = (token: Token, name: string): string => String(token.attrGet(name) ?? '');

function span(token: Token, tokens: readonly InlineToken[]): InlineToken {
  const type = SPANS[token.type];
  if (type) return { type, tokens };
  return { type: 'link', href: attribute(token, 'href'), title: attribute(token, 'title'), tokens };
}

function leaf(token: Token): InlineToken | undefined {
  switch (token.type) {
    case 'code_inline':
      return { type: 'codespan', text: token.content };
    case 'softbreak':
      return { type: 'text', text: '\n' };
    case 'hardbreak':
      return { type: 'br' };
    case 'formula':
      return { type: 'formula', text: token.content, isDisplay: token.meta?.['isDisplay'] === true };
    case 'footnote_reference':
      return { type: 'footnoteReference', label: token.content };
    case 'html_inline':
      return { type: 'html', text: token.content };
    case 'image': {
      const text = wordsOf(treeOf(token.children ?? []));
      return { type: 'image', href: attribute(token, 'src'), title: attribute(token, 'title'), text };
    }
    default:
      return { type: 'text', text: token.content };
  }
}

/** The text of inline content, for places that allow only text. */
function wordsOf(tokens: readonly InlineToken[]): string {
  return tokens.map(words).join('');
}

function words(token: InlineToken): string {
  if ('tokens' in token) return wordsOf(token.tokens);
  if (token.type === 'br') return ' ';
  return token.type === 'footnoteReference' ? `[^${token.label}]` : token.text;
}
