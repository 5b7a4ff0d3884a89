import type { Token } from 'markdown-it';
import { lineOffsets, topLevel } from './lexing/block-lexer.ts';
import { FenceEnd } from './parser/fence-end.ts';
import { parser, type ParserEnv } from './parser/markdown-parser.ts';

export interface OwnListItem {
  /** The number in the text; `undefined` in a list without numbers. */
  readonly value: number | undefined;
  readonly parts: readonly OwnPart[];
}

/** A part of a user's text, with its spaces and line breaks. */
export type OwnPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly info: string; readonly text: string }
  | { readonly type: 'list'; readonly isOrdered: boolean; readonly items: readonly OwnListItem[] };

/** Longer texts are shown as plain text. */
const MAX_LENGTH = 50_000;
const MARKER = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$/;

/**
 * Splits a user's text into its text, fenced code and lists. Users rarely mean other Markdown: `*`, `_` and `#` are
 * shown as typed, and each line break counts.
 */
export function ownParts(text: string): OwnPart[] {
  if (text.length > MAX_LENGTH || !/^[ \t]*(?:`{3}|~{3}|[-*+][ \t]|\d{1,9}[.)][ \t])/m.test(text))
    return [{ type: 'text', text }];
  const source = withEndsOfLists(text.replaceAll(/\r\n?/g, '\n'));
  const env: ParserEnv = { references: {}, isGrowing: false, depth: 0 };
  const tokens: Token[] = [];
  parser.block.parse(source, parser, env, tokens);

  const offsets = lineOffsets(source);
  const parts: OwnPart[] = [];
  let from = 0;
  for (const part of topLevel(tokens)) {
    const [first] = part;
    const [firstLine = 0, lastLine = 0] = first?.map ?? [];
    const made = first && partOf(first, part);
    if (!made) continue;
    addText(parts, source.slice(offsets[from], offsets[firstLine]));
    parts.push(made);
    from = lastLine;
  }
  addText(parts, source.slice(offsets[from] ?? source.length));
  return parts;
}

/** Removes the blank lines around it. */
function addText(parts: OwnPart[], text: string): void {
  const shown = text.replace(/^(?:[ \t]*\n)+/, '').trimEnd();
  if (shown !== '') parts.push({ type: 'text', text: shown });
}

function partOf(first: Token, tokens: readonly Token[]): OwnPart | undefined {
  if (first.type === 'fence') return codeOf(first);
  if (first.type !== 'bullet_list_open' && first.type !== 'ordered_list_open') return undefined;
  const list = listOf(tokens, { at: 0 });
  // A single line with a dash may be anything.
  return list && list.items.length > 1 ? list : undefined;
}

const codeOf = ({ info, content }: Token): OwnPart => ({
  type: 'code',
  info: info.trim(),
  text: content.replace(/\n$/, ''),
});

/** `undefined` if it contains anything other than text, code or lists: then no list was meant. */
function listOf(tokens: readonly Token[], place: { at: number }): Extract<OwnPart, { type: 'list' }> | undefined {
  const isOrdered = tokens[place.at]?.type === 'ordered_list_open';
  const items: OwnListItem[] = [];
  let parts: OwnPart[] = [];
  for (place.at += 1; place.at < tokens.length; place.at += 1) {
    const token = tokens[place.at];
    switch (token?.type) {
      case 'list_item_open':
        parts = [];
        items.push({ value: isOrdered ? Number(token.info) : undefined, parts });
        break;
      case 'inline':
        parts.push({ type: 'text', text: token.content });
        break;
      case 'fence':
        parts.push(codeOf(token));
        break;
      case 'bullet_list_open':
      case 'ordered_list_open': {
        const nested = listOf(tokens, place);
        if (!nested) return undefined;
        parts.push(nested);
        break;
      }
      case 'bullet_list_close':
      case 'ordered_list_close':
        return { type: 'list', isOrdered, items };
      case 'list_item_close':
      case 'paragraph_open':
      case 'paragraph_close':
        break;
      case undefined:
      default:
        return undefined;
    }
  }
  return { type: 'list', isOrdered, items };
}

/** In Markdown an unindented line continues a list item; users mean the text after the list. */
function withEndsOfLists(source: string): string {
  const lines: string[] = [];
  let fence: FenceEnd | undefined;
  let isInList = false;
  for (const line of source.split('\n')) {
    if (fence) {
      if (fence.isReachedBy(line)) fence = undefined;
    } else {
      const [, mark, info] = FENCE.exec(line) ?? [];
      if (mark !== undefined && info !== undefined) fence = new FenceEnd(mark, info);
      if (MARKER.test(line)) isInList = true;
      else if (line.trim() === '') isInList = false;
      else if (isInList && !/^[ \t]/.test(line)) {
        lines.push('');
        isInList = false;
      }
    }
    lines.push(line);
  }
  return lines.join('\n');
}
