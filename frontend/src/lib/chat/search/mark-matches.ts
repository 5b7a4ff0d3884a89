import type { Attachment } from 'svelte/attachments';
import { placesOf } from './fold-text.ts';

const NAME = 'found-words';
/** A limit, since each mark costs time. */
const MAX_MARKS = 500;

/** Highlights words below an element without changing the DOM; browsers without the CSS Highlight API show none. */
export function marksWords(words: () => string): Attachment<HTMLElement> {
  return (element) => {
    if (!('highlights' in CSS)) return undefined;
    const wanted = words();
    let frame = 0;
    const mark = (): void => {
      frame = 0;
      const ranges = rangesIn(element, wanted);
      if (ranges.length > 0) CSS.highlights.set(NAME, new Highlight(...ranges));
      else CSS.highlights.delete(NAME);
    };
    // What is scrolled to is drawn then.
    const observer = new MutationObserver(() => (frame ||= requestAnimationFrame(mark)));
    observer.observe(element, { subtree: true, childList: true, characterData: true });
    mark();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      CSS.highlights.delete(NAME);
    };
  };
}

function rangesIn(element: HTMLElement, wanted: string): Range[] {
  if (wanted === '') return [];
  const ranges: Range[] = [];
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node && ranges.length < MAX_MARKS; node = texts.nextNode()) {
    if (!node.parentElement?.closest('[data-message-text], .markdown')) continue;
    for (const [start, end] of placesOf(node.textContent ?? '', wanted)) {
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, end);
      ranges.push(range);
    }
  }
  return ranges;
}
