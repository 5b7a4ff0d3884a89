import { flushSync, getContext, setContext } from 'svelte';
import { normalised } from '../lexing/footnote-label.ts';
import type { MarkdownDocument } from './markdown-document.svelte.ts';

const KEY = Symbol('footnotes');

/** The footnotes of one message, with links from references to footnotes and back. */
export class Footnotes {
  readonly #document: MarkdownDocument;
  /** The reference that last led to a footnote. */
  readonly #cameFrom = new Map<string, HTMLElement>();

  constructor(document: MarkdownDocument) {
    this.#document = document;
  }

  /** Whether the text so far defines the footnote. */
  has(label: string): boolean {
    return this.#document.footnoteLabels.has(normalised(label));
  }

  show(label: string, from: HTMLElement): void {
    this.#cameFrom.set(normalised(label), from);
    flushSync(() => this.#document.drawFootnotes());
    const notes = from.closest('.markdown')?.querySelectorAll<HTMLElement>('.footnote') ?? [];
    focus([...notes].find(({ dataset }) => normalised(dataset['label'] ?? '') === normalised(label)));
  }

  goBack(label: string, from: HTMLElement): void {
    const references = from.closest('.markdown')?.querySelectorAll<HTMLElement>('[data-footnote]') ?? [];
    const first = [...references].find(({ dataset }) => normalised(dataset['footnote'] ?? '') === normalised(label));
    const before = this.#cameFrom.get(normalised(label));
    focus(before?.isConnected ? before : first);
  }
}

function focus(element: HTMLElement | undefined): void {
  element?.scrollIntoView({ block: 'nearest' });
  element?.focus({ preventScroll: true });
}

export const provideFootnotes = (document: MarkdownDocument): Footnotes => setContext(KEY, new Footnotes(document));

export const footnotesAround = (): Footnotes | undefined => getContext<Footnotes | undefined>(KEY);
