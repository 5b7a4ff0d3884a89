/** A formula; `isDisplay` sets it on lines of its own. */
export interface FormulaToken {
  readonly type: 'formula';
  readonly text: string;
  readonly isDisplay: boolean;
}

/** Words with a meaning beside their text: the marks of Markdown, and the few HTML elements that are drawn. */
export type SpanType = 'strong' | 'em' | 'del' | 'sub' | 'sup' | 'kbd' | 'mark';

/** What stands within a line. Texts have no escapes and no character references any more. */
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
  /** `text` is what stands for it in words. */
  | { readonly type: 'image'; readonly href: string; readonly title: string; readonly text: string }
  | FormulaToken
  /** HTML that is shown as the text that it is. */
  | { readonly type: 'html'; readonly text: string }
  | { readonly type: 'footnoteReference'; readonly label: string };

export interface ListItem {
  /** Where it begins in the `raw` of its block; 0 in a list that stands in another block. */
  readonly at: number;
  /** Whether its box is ticked; `undefined` where it has none. */
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
  /** In a tight list a paragraph has no room around it: `isTight`. */
  | { readonly type: 'paragraph'; readonly isTight: boolean; readonly tokens: readonly InlineToken[] }
  | { readonly type: 'heading'; readonly depth: number; readonly tokens: readonly InlineToken[] }
  | {
      readonly type: 'code';
      readonly info: string;
      readonly text: string;
      readonly isClosed: boolean;
      /** How many of its characters are drawn so far; `undefined` for all of them. */
      readonly drawn?: number;
    }
  /** One that is not closed is still being typed. */
  | (FormulaToken & { readonly isClosed: boolean })
  | {
      readonly type: 'list';
      /** Of its first number; `undefined` for one without numbers. */
      readonly start: number | undefined;
      /** Its items have room around them. */
      readonly isLoose: boolean;
      readonly items: readonly ListItem[];
    }
  | { readonly type: 'blockquote'; readonly alert: Alert | undefined; readonly tokens: readonly BlockToken[] }
  | { readonly type: 'table'; readonly header: readonly Cell[]; readonly rows: readonly (readonly Cell[])[] }
  | {
      readonly type: 'details';
      readonly isExpanded: boolean;
      /** `undefined`: the browser's own word. */
      readonly summary: readonly InlineToken[] | undefined;
      readonly tokens: readonly BlockToken[];
      /** What stands behind its end on that line. */
      readonly after: readonly BlockToken[];
    }
  | { readonly type: 'footnote'; readonly label: string; readonly tokens: readonly BlockToken[] }
  | { readonly type: 'hr' }
  /** HTML that is shown as the text that it is. */
  | { readonly type: 'html'; readonly text: string }
  /** What would take too long to draw is shown as it was written. */
  | { readonly type: 'plain'; readonly text: string }
  /** A block whose end would take too long: `rest` is that end as it was written. */
  | { readonly type: 'cut'; readonly shown: BlockToken; readonly rest: string }
  /** Nothing to see: blank lines, a comment, where a reference link leads. */
  | { readonly type: 'nothing' };

/** A top-level piece of a message. Its place in the source is its identity, so the page can keep its elements. */
export interface Block {
  readonly id: number;
  /** The lines that it is made of, with the blank ones behind it: those of all blocks together are the source. */
  readonly raw: string;
  readonly token: BlockToken;
  /** The text may still change it. */
  readonly isOpen: boolean;
}
