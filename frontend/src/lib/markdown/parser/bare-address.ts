/** Scripts without spaces between words: they end a URL, unless the URL itself is in such a script. */
const SPACELESS =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** Separators within a URL: after them any script may begin. */
const SEPARATOR = /[-./?#&=_:@%+~,;()]/;
/** Non-ASCII punctuation ends a URL, except characters that occur in names. */
const FOREIGN_PUNCTUATION = /[^\P{P}\p{ASCII}\u2013\u00b7\u30fb]|[\p{Z}\p{C}]/u;
const DOMAIN = /^\[[\da-f:.]+\]|^[\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}_-]+)*\.?/iu;
const MAX_LENGTH = 2_000;

/**
 * How many characters of `source` from `start` on belong to a bare URL (GFM 6.9), of which `scheme` have been
 * recognised; 0 if there is none. The URL ends before Markdown marks that close a construct around it, before
 * punctuation of other scripts, and before a script without spaces.
 */
export function bareAddressLength(source: string, start: number, end: number, scheme: number): number {
  const address = source.slice(start, Math.min(end, start + MAX_LENGTH, endOfRun(source, start + scheme, end)));
  const host = DOMAIN.exec(address.slice(scheme))?.[0];
  if (host === undefined) return 0;
  const labels = host.replace(/\.$/, '').split('.');
  if (labels.slice(-2).some((label) => label.includes('_'))) return 0;
  const trimmed = withoutEnd(address);
  return trimmed.length > scheme ? trimmed.length : 0;
}

function endOfRun(source: string, start: number, end: number): number {
  let brackets = 0;
  let before = '/';
  let at = start;
  while (at < end && at - start < MAX_LENGTH) {
    const character = String.fromCodePoint(source.codePointAt(at) ?? 32);
    if (character === '<' || character === '`' || /\s/.test(character) || FOREIGN_PUNCTUATION.test(character)) break;
    if (character === '[') brackets += 1;
    if (character === ']' && --brackets < 0) break;
    if ((character === '*' || character === '~') && source[at + 1] === character) break;
    if (SPACELESS.test(character) && !SPACELESS.test(before) && !SEPARATOR.test(before)) break;
    before = character;
    at += character.length;
  }
  return at;
}

/** Without the punctuation of the surrounding sentence. */
function withoutEnd(address: string): string {
  let end = address.length;
  let surplus = count(address, ')') - count(address, '(');
  while (end > 0) {
    const last = address[end - 1] ?? '';
    if (last === ')' && surplus > 0) surplus -= 1;
    else if (last === ';') {
      const reference = /&[a-zA-Z0-9]{1,32};$/.exec(address.slice(Math.max(0, end - 40), end))?.[0];
      end -= (reference?.length ?? 1) - 1;
    } else if (!/[?!.,:*_~'"]/.test(last)) break;
    end -= 1;
  }
  return address.slice(0, end);
}

const count = (text: string, mark: string): number => text.split(mark).length - 1;
