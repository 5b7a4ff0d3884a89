/** A formula; `isDisplay` puts it on lines of its own. */
export interface FormulaToken {
  readonly type: 'formula';
  readonly text: string;
  readonly isDisplay: boolean;
}

/** Inline content with formatting: Markdown marks, and the few HTML elements that are drawn. */
export type SpanType = 'strong' | 'em' | 'del' | 'sub' | 'sup' | 'kbd' | 'mark';

/** Inline content. Escapes and character references are already resolved. */
export type InlineToken =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: SpanType; readonly tokens: readonly InlineToken[] }
  | { readonly type: 'codespan'; readonly text: string }
  | { readonly type: 'br' }
  | {
      readonly type: 'link';
      readonly href: string;
      readonly title: string;
      readonly tokens: readonly InlineToken[];
    }
  /** `text` is the alternative text. */
  | { readonly type: 'image'; readonly href: string; readonly title: string; readonly text: string }
  | FormulaToken
  /** HTML that is shown as text. */
  | { readonly type: 'html'; readonly text: string }
  | { readonly type: 'footnoteReference'; readonly label: string };

export interface ListItem {
  /** Its offset in the `raw` of its block; 0 in a nested list. */
  readonly at: number;
  /** Whether its box is ticked; `undefined` without a box. */
  readonly isDone: boolean | undefined;
  readonly tokens: readonly BlockToken[];
}

export interface Cell {
  readonly align: 'left' | 'center' | 'right' | undefined;
  readonly tokens: readonly InlineToken[];
}

export const ALERTS = ['note', 'tip', 'important', 'warning', 'caution'] as const;
export type Alert = (typeof ALERTS)[number];

export type BlockToken =
  /** `isTight`: a paragraph of a tight list, without space around it. */
  | { readonly type: 'paragraph'; readonly isTight: boolean; readonly tokens: readonly InlineToken[] }
  | { readonly type: 'heading'; readonly depth: number; readonly tokens: readonly InlineToken[] }
  | {
      readonly type: 'code';
      readonly info: string;
      readonly text: string;
      readonly isClosed: boolean;
      /** How many of its characters are drawn so far; `undefined` for all. */
      readonly drawn?: number;
    }
  /** False while it is still being typed. */
  | (FormulaToken & { readonly isClosed: boolean })
  | {
      readonly type: 'list';
      /** The first number; `undefined` without numbers. */
      readonly start: number | undefined;
      /** Its items have space around them. */
      readonly isLoose: boolean;
      readonly items: readonly ListItem[];
    }
  | { readonly type: 'blockquote'; readonly alert: Alert | undefined; readonly tokens: readonly BlockToken[] }
  | { readonly type: 'table'; readonly header: readonly Cell[]; readonly rows: readonly (readonly Cell[])[] }
  | {
      readonly type: 'details';
      readonly isExpanded: boolean;
      /** `undefined`: the browser's default label. */
      readonly summary: readonly InlineToken[] | undefined;
      readonly tokens: readonly BlockToken[];
      /** The text after its closing tag on the same line. */
      readonly after: readonly BlockToken[];
    }
  | { readonly type: 'footnote'; readonly label: string; readonly tokens: readonly BlockToken[] }
  | { readonly type: 'hr' }
  /** HTML that is shown as text. */
  | { readonly type: 'html'; readonly text: string }
  /** Text that would take too long to draw with formatting. */
  | { readonly type: 'plain'; readonly text: string }
  /** A block whose end would take too long: `rest` is that end as plain text. */
  | { readonly type: 'cut'; readonly shown: BlockToken; readonly rest: string }
  /** Nothing visible: blank lines, a comment, a link definition. */
  | { readonly type: 'nothing' };

/** A top-level block of a message. Its offset in the source is its id, so the page can keep its elements. */
export interface Block {
  readonly id: number;
  /** Its lines, and the blank lines after it: all blocks together are the source. */
  readonly raw: string;
  readonly token: BlockToken;
  /** More text may still change it. */
  readonly isOpen: boolean;
}
