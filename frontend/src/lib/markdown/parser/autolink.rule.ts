import type { MarkdownIt, StateInline, Token } from 'markdown-it';
import { bareAddressLength } from './bare-address.ts';

/** What ends a run of plain text: characters that may begin other syntax. */
const TERMINATOR = /[\n!#$%&*+:<=>@[\\\]^_`{}~-]/g;
const WWW = /www\./gi;
const SCHEME = /(?<![A-Za-z])(?:https?|ftp)$/i;
/** What may come before `www.` (GFM 6.9), and any non-ASCII character, for text without spaces. */
const MAY_PRECEDE_WWW = /[\s*_~(]|[^\p{ASCII}]/u;
const LOCAL_PART = /[A-Za-z0-9._+-]/;
const MAIL_HOST = /[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+/y;
const MAX_LOCAL_PART = 64;

/** URLs that are links without any marks: `https://…`, `www.…` and e-mail addresses (GFM extension). */
export function autolinks(markdown: MarkdownIt): void {
  markdown.inline.ruler.at('text', text);
  markdown.inline.ruler.before('text', 'www', www);
  markdown.inline.ruler.after('text', 'address', address);
  markdown.inline.ruler2.push('mail', mail);
}

/** Plain text, up to the next character that may begin other syntax. */
function text(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  TERMINATOR.lastIndex = pos;
  let end = Math.min(TERMINATOR.exec(src)?.index ?? posMax, posMax);
  if (end === pos) return false;
  const run = src.slice(pos, end);
  for (const { index } of run.matchAll(WWW)) {
    if (index === 0 || !MAY_PRECEDE_WWW.test(src.slice(pos + index - 1, pos + index))) continue;
    end = pos + index;
    break;
  }
  if (!silent) state.pending += src.slice(pos, end);
  state.pos = end;
  return true;
}

function www(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  if (state.linkLevel > 0 || src.slice(pos, pos + 4).toLowerCase() !== 'www.') return false;
  if (pos > 0 && !MAY_PRECEDE_WWW.test(src.slice(pos - 1, pos))) return false;
  const length = bareAddressLength(src, pos, posMax, 4);
  if (length === 0) return false;
  if (!silent) pushLink(state, `http://${src.slice(pos, pos + length)}`, src.slice(pos, pos + length));
  state.pos += length;
  return true;
}

function address(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  if (state.linkLevel > 0 || !src.startsWith('://', pos)) return false;
  const scheme = SCHEME.exec(src.slice(Math.max(0, pos - 6), pos))?.[0];
  if (scheme === undefined || (!silent && !state.pending.endsWith(scheme))) return false;
  const start = pos - scheme.length;
  const length = bareAddressLength(src, start, posMax, scheme.length + 3);
  if (length === 0) return false;
  if (!silent) {
    state.pending = state.pending.slice(0, -scheme.length);
    pushLink(state, src.slice(start, start + length), src.slice(start, start + length));
  }
  state.pos = start + length;
  return true;
}

function pushLink(state: StateInline, href: string, shown: string): void {
  const opening = state.push('link_open', 'a', 1);
  opening.attrs = [['href', href]];
  state.push('text', '', 0).content = shown;
  state.push('link_close', 'a', -1);
}

/** E-mail addresses are found last: the local part may contain marks, as in `first_last@a.example`. */
function mail(state: StateInline): void {
  if (!state.src.includes('@')) return;
  const tokens: Token[] = [];
  let links = 0;
  for (const token of state.tokens) {
    if (token.type === 'link_open') links += 1;
    if (token.type === 'link_close') links -= 1;
    if (token.type === 'text' && links === 0 && token.content.includes('@')) tokens.push(...withMail(state, token));
    else tokens.push(token);
  }
  state.tokens.splice(0, state.tokens.length);
  for (const token of tokens) state.tokens.push(token);
}

function withMail(state: StateInline, token: Token): Token[] {
  const { content } = token;
  const made: Token[] = [];
  const add = (type: string, nesting: -1 | 0 | 1, words = ''): Token => {
    const added = new state.Token(type, '', nesting);
    added.content = words;
    made.push(added);
    return added;
  };
  let done = 0;
  for (let at = content.indexOf('@'); at >= 0; at = content.indexOf('@', at + 1)) {
    let start = at;
    while (start > done && at - start < MAX_LOCAL_PART && LOCAL_PART.test(content[start - 1] ?? '')) start -= 1;
    MAIL_HOST.lastIndex = at + 1;
    const host = MAIL_HOST.exec(content)?.[0];
    if (start === at || host === undefined || /[-_]$/.test(host)) continue;
    add('text', 0, content.slice(done, start));
    done = at + 1 + host.length;
    add('link_open', 1).attrs = [['href', `mailto:${content.slice(start, done)}`]];
    add('text', 0, content.slice(start, done));
    add('link_close', -1);
  }
  if (made.length === 0) return [token];
  add('text', 0, content.slice(done));
  return made;
}
