import type { Token } from 'markdown-it';
import { ALERTS, type Alert, type BlockToken, type Cell, type InlineToken, type ListItem } from '../token.types.ts';
import { htmlToken } from './html-token.ts';
import { inlineTree } from './inline-tree.ts';
import { parser, type ParserEnv } from './markdown-parser.ts';
import { WorkBound } from './work-bound.ts';

const ALERT = new RegExp(String.raw`^\[!(${ALERTS.join('|')})\][ \t]*(?:\n|$)`, 'i');
const ALIGNMENTS = ['left', 'center', 'right'] as const;
const TASK = /^\[([ xX])\](?=\s)[ \t]*/;

/** Thrown when a block exceeds the bound of work. */
class TooMuchWork extends Error {}

/** A top-level block as the parser returns it. */
export interface ParsedBlock {
  /** The first token opens the block. */
  readonly tokens: readonly Token[];
  readonly raw: string;
  /** The offset in `raw` of a line, by its number in the maps of the tokens. */
  readonly offsetOf: (line: number) => number;
}

/** The block as a tree. Text beyond the bound of work stays plain text. */
export const blockTree = (block: ParsedBlock, env: ParserEnv): BlockToken => new BlockBuilder(block, env).whole();

class BlockBuilder {
  readonly #block: ParsedBlock;
  readonly #tokens: readonly Token[];
  readonly #env: ParserEnv;
  readonly #bound = new WorkBound();
  #at = 0;
  /** In a long list, table or quote: where the plain text begins. */
  #cutAt: number | undefined;

  constructor(block: ParsedBlock, env: ParserEnv) {
    this.#block = block;
    this.#tokens = block.tokens;
    this.#env = env;
  }

  whole(): BlockToken {
    const { raw } = this.#block;
    try {
      const [shown = { type: 'nothing' }] = this.#blocks();
      return this.#cutAt === undefined ? shown : { type: 'cut', shown, rest: raw.slice(this.#cutAt) };
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      return { type: 'plain', text: raw };
    }
  }

  /**
   * Builds the parts of a container one after another. A top-level container may be cut: the parts within the bound are
   * drawn.
   */
  #parts<Part>(isPart: (token: Token) => boolean, build: (token: Token) => Part, isTop: boolean): Part[] {
    const parts: Part[] = [];
    for (let token = this.#tokens[this.#at]; token && isPart(token); token = this.#tokens[this.#at]) {
      this.#at += 1;
      try {
        parts.push(build(token));
      } catch (error) {
        if (!(error instanceof TooMuchWork) || !isTop || parts.length === 0) throw error;
        this.#cutAt = this.#block.offsetOf(token.map?.[0] ?? 0);
        this.#at = this.#tokens.length;
      }
    }
    this.#at += 1;
    return parts;
  }

  /** The blocks up to the end of the surrounding container. */
  #blocks(isTop = false): BlockToken[] {
    return this.#parts(
      ({ nesting }) => nesting >= 0,
      (token) => this.#build(token),
      isTop,
    );
  }

  #build(token: Token): BlockToken {
    const isTop = token === this.#tokens[0];
    this.#spend(1);
    switch (token.type) {
      case 'paragraph_open':
        return { type: 'paragraph', isTight: token.hidden, tokens: this.#onlyInline() };
      case 'heading_open':
        return { type: 'heading', depth: Number(token.tag.slice(1)), tokens: this.#onlyInline() };
      case 'bullet_list_open':
      case 'ordered_list_open':
        return this.#list(token, isTop);
      case 'blockquote_open':
        return this.#quote(isTop);
      case 'table_open':
        return this.#table(isTop);
      case 'details_open':
        return this.#details(token);
      case 'footnote_open':
        return { type: 'footnote', label: token.content, tokens: this.#blocks() };
      case 'fence':
        return {
          type: 'code',
          info: parser.utils.unescapeAll(token.info.trim()),
          text: withoutLastBreak(token.content),
          isClosed: token.meta?.['isClosed'] === true,
        };
      case 'code_block':
        return { type: 'code', info: '', text: withoutLastBreak(token.content), isClosed: true };
      case 'formula':
        return { type: 'formula', text: token.content, isDisplay: true, isClosed: token.meta?.['isClosed'] === true };
      case 'hr':
        return { type: 'hr' };
      case 'html_block':
        return htmlToken(token.content);
      case 'too_deep':
        return { type: 'plain', text: token.content };
      default:
        return { type: 'nothing' };
    }
  }

  #spend(parts: number): void {
    if (!this.#bound.spend(parts)) throw new TooMuchWork();
  }

  #inline(content: string): InlineToken[] {
    if (!this.#bound.admits(content)) throw new TooMuchWork();
    const made = inlineTree(content, this.#env);
    this.#spend(partsOf(made));
    return made;
  }

  /** The inline content of a block, and its end. */
  #onlyInline(): InlineToken[] {
    const made = this.#inline(this.#tokens[this.#at]?.content ?? '');
    this.#at += 2;
    return made;
  }

  #list(token: Token, isTop: boolean): BlockToken {
    const start = token.type === 'ordered_list_open' ? Number(token.attrGet('start') ?? 1) : undefined;
    const items = this.#parts(
      ({ type }) => type === 'list_item_open',
      (item): ListItem => {
        this.#spend(1);
        const isDone = this.#takeTask();
        return { at: isTop ? this.#block.offsetOf(item.map?.[0] ?? 0) : 0, isDone, tokens: this.#blocks() };
      },
      isTop,
    );
    const isLoose = items.some(({ tokens }) => tokens.some((part) => part.type === 'paragraph' && !part.isTight));
    return { type: 'list', start, isLoose, items };
  }

  /** The box at the beginning of a task is not part of its text. */
  #takeTask(): boolean | undefined {
    const [opening, words] = this.#tokens.slice(this.#at, this.#at + 2);
    if (opening?.type !== 'paragraph_open' || !words) return undefined;
    const [box, mark] = TASK.exec(words.content) ?? [];
    if (box === undefined) return undefined;
    words.content = words.content.slice(box.length);
    return mark !== ' ';
  }

  #quote(isTop: boolean): BlockToken {
    const alert = this.#takeAlert();
    return { type: 'blockquote', alert, tokens: this.#blocks(isTop) };
  }

  #takeAlert(): Alert | undefined {
    const [opening, words] = this.#tokens.slice(this.#at, this.#at + 2);
    if (opening?.type !== 'paragraph_open' || !words) return undefined;
    const [line, kind] = ALERT.exec(words.content) ?? [];
    const alert = ALERTS.find((name) => name === kind?.toLowerCase());
    if (line === undefined || !alert) return undefined;
    words.content = words.content.slice(line.length);
    if (words.content === '') this.#at += 3;
    return alert;
  }

  #table(isTop: boolean): BlockToken {
    // The parts of a table are its rows: head and body do not count as containers here.
    const rows = this.#parts(
      ({ type }) => type !== 'table_close',
      (token) => (token.type === 'tr_open' ? this.#row() : undefined),
      isTop,
    ).filter((row) => row !== undefined);
    const [header = [], ...body] = rows;
    return { type: 'table', header, rows: body };
  }

  #row(): Cell[] {
    return this.#parts(
      ({ nesting }) => nesting >= 0,
      (token): Cell => {
        this.#spend(1);
        const align = ALIGNMENTS.find((name) => token.attrGet('style') === `text-align:${name}`);
        return { align, tokens: this.#onlyInline() };
      },
      false,
    );
  }

  #details(token: Token): BlockToken {
    const summary = token.meta?.['summary'];
    // Its contents have their own opening token.
    this.#at += 1;
    return {
      type: 'details',
      isExpanded: token.meta?.['isExpanded'] === true,
      summary: typeof summary === 'string' ? this.#inline(summary) : undefined,
      tokens: this.#blocks(),
      after: this.#blocks(),
    };
  }
}

/** The number of elements and texts, at any depth. */
const partsOf = (tokens: readonly InlineToken[]): number =>
  tokens.reduce((sum, token) => sum + 1 + ('tokens' in token ? partsOf(token.tokens) : 0), 0);

const withoutLastBreak = (text: string): string => (text.endsWith('\n') ? text.slice(0, -1) : text);
