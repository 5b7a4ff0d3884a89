import type { MarkedToken, Token } from 'marked';

/** A formula; `isDisplay` sets it on lines of its own. */
export interface FormulaToken {
  readonly type: 'formula';
  readonly raw: string;
  readonly text: string;
  readonly isDisplay: boolean;
}

/** Every kind of token that the lexer of this folder makes. */
export type KnownToken = MarkedToken | FormulaToken;

/**
 * Gives tokens their exact type. Marked types them as open records, since plug-ins may add kinds;
 * the only ones added here are formulas, so the list is closed.
 */
export const known = (tokens: readonly Token[]): readonly KnownToken[] => tokens as readonly KnownToken[];

/** A top-level piece of a message. Its place in the source is its identity, so the page can keep its elements. */
export interface Block {
  readonly id: number;
  readonly token: KnownToken;
  /** The text may still change it. */
  readonly isOpen: boolean;
}

/** What nests deeper is shown as its source: it is never meant, and each level costs stack. */
export const MAX_DEPTH = 32;
