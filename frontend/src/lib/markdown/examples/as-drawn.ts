import { render } from 'svelte/server';
import { linkAddress } from '../links/link-address.ts';
import { Markdown } from '../index.ts';
import { unescape } from './shown.ts';

/** Elements around whose tags white space has no meaning. */
const BLOCK = /^<\/?(?:p|h\d|ul|ol|li|blockquote|table|thead|tbody|tr|th|td|div|details|summary|section|hr|pre|br)\b/;
/** Markup in which `<` and attribute quotes are distinguished from those in text. */
const TAG_OR_TEXT = /<pre>[^]*?<\/pre>|<(?:"[^"]*"|[^">])*>|[^<]+|</g;

/** The HTML that the page draws for a text, normalised for the comparison. */
export function drawn(text: string): string {
  const html = render(Markdown, { props: { text } })
    .body.replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/ (?:dir|target|rel|role|tabindex|aria-label|disabled|class="task")(?:="[^"]*")?/g, '')
    .replaceAll(
      /<figure class="code">.*?<span class="language">([^<]*)<\/span>.*?<pre><code>(.*?)<\/code><\/pre>.*?<\/figure>/gs,
      (_, language: string, code: string) =>
        `<pre><code${language === 'text' ? '' : ` class="language-${language}"`}>${code}\n</code></pre>`,
    )
    .replaceAll(/<div class="(?:markdown|chunk|table-card)">|<\/div>/g, '')
    .replaceAll(' class="task"', '');
  return normalised(html);
}

/** The HTML that the specification expects, as this page would draw it. */
export function expected(html: string): string {
  const page = html
    .replaceAll(/<(\/?)h([1-6])>/g, (_, slash: string, depth: string) => `<${slash}h${Math.min(Number(depth) + 1, 6)}>`)
    .replaceAll(/<(t[hd]) align="(\w+)">/g, '<$1 style="text-align: $2;">')
    .replaceAll(/<th(?=[ >])/g, '<th scope="col"')
    .replaceAll(
      /<code class="language-([^"]*)">/g,
      (_, language: string) => `<code class="language-${language.toLowerCase()}">`,
    )
    .replaceAll(/<pre><code([^>]*)><\/code>/g, '<pre><code$1>\n</code>')
    .replaceAll(/<input ([^>]*)>/g, (_, attributes: string) =>
      attributes.includes('checked') ? '<input type="checkbox" checked="">' : '<input type="checkbox">',
    );
  return normalised(links(page));
}

/** Images are links here, and a link with a refused address shows it as a title. */
function links(html: string): string {
  const image = /<img src="([^"]*)" alt="([^"]*)"(?: title="([^"]*)")? \/>/g;
  let isInLink = false;
  let address: string | undefined;
  return html
    .replaceAll(/<a [^>]*>[^]*?<\/a>/g, (link) =>
      link.replaceAll(
        image,
        (_, source: string, alt: string, title?: string) => `<span title="${title ?? source}">${alt || source}</span>`,
      ),
    )
    .replaceAll(
      image,
      (_, source: string, alt: string, title?: string) =>
        `<a href="${source}"${title === undefined ? '' : ` title="${title}"`}>${alt || source}</a>`,
    )
    .replaceAll(/<a href="([^"]*)"(?: title="([^"]*)")?>|<\/a>/g, (tag, source?: string, title?: string) => {
      if (tag === '</a>' && isInLink) {
        isInLink = false;
        return address === undefined ? '</span>' : '</a>';
      }
      if (source === undefined) return tag;
      isInLink = true;
      address = linkAddress(unescape(source));
      if (address === undefined) return `<span title="${title ?? source}">`;
      return `<a href="${address}"${title === undefined ? '' : ` title="${title}"`}>`;
    });
}

/** Decodes percent-encoding and character references, which the two sides use differently. */
function plain(text: string): string {
  const words = unescape(text);
  try {
    return decodeURIComponent(words);
  } catch {
    return words;
  }
}

function normalised(html: string): string {
  const parts = html.match(TAG_OR_TEXT) ?? [];
  return parts
    .map((part, index) => {
      if (part.startsWith('<pre>')) return plain(part);
      if (part.startsWith('<') && part.length > 1)
        return plain(part)
          .replace(/\s*\/?>$/, '>')
          .replaceAll('=""', '');
      let text = plain(part);
      if (index === 0 || isBlock(parts[index - 1])) text = text.trimStart();
      if (index === parts.length - 1 || isBlock(parts[index + 1])) text = text.trimEnd();
      return text;
    })
    .join('')
    .trim();
}

const isBlock = (part: string | undefined): boolean => part !== undefined && BLOCK.test(part);
