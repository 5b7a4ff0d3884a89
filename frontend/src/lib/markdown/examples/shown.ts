import { render } from 'svelte/server';
import { Markdown } from '../index.ts';

/** The HTML without Svelte's own comments. */
export const html = (text: string): string =>
  render(Markdown, { props: { text, whole: true } })
    .body.replace(/<!--.*?-->/gs, '')
    .replaceAll(/ dir="(?:auto|ltr)"/g, '')
    .replace(/^<div class="markdown">(.*)<\/div>$/s, '$1')
    .replace(/<div class="chunk">(.*?)<\/div>$/gs, '$1');

export const unescape = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
