import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AREAS } from '../../../paraglide.config.ts';
import { LANGUAGE_CODES } from './languages.ts';

type Message = string | readonly { readonly match: Readonly<Record<string, string>> }[];

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../messages/${path}`, import.meta.url), 'utf8'));

function catalogueOf(area: string, language: string): ReadonlyMap<string, Message> {
  const { $schema: _, ...messages } = read(`${area}/${language}.json`) as Record<string, Message>;
  return new Map(Object.entries(messages));
}

const textsOf = (message: Message): readonly string[] =>
  typeof message === 'string' ? [message] : message.flatMap(({ match }) => Object.values(match));

const parametersOf = (text: string): readonly string[] =>
  [...new Set(Array.from(text.matchAll(/\{(\w+)\}/g), ([, name]) => name ?? ''))].sort();

/** The plural categories of a language, such as `one` and `other`. */
const formsOf = (language: string): readonly string[] => [
  ...new Intl.PluralRules(language).resolvedOptions().pluralCategories,
];

it.each(AREAS)('the area %s has one catalogue for each language that the page offers, and no other', (area) => {
  const { locales } = read(`${area}.inlang/settings.json`) as { locales: readonly string[] };
  expect([...locales].sort()).toEqual([...LANGUAGE_CODES].sort());
});

const catalogues = AREAS.flatMap((area) => LANGUAGE_CODES.map((language) => [area, language] as const));

describe.each(catalogues)('the catalogue %s/%s', (area, language) => {
  const english = catalogueOf(area, 'en');
  const catalogue = catalogueOf(area, language);

  it('has the same messages as English, in the same order', () => {
    expect([...catalogue.keys()]).toEqual([...english.keys()]);
  });

  it('has no empty message', () => {
    const empty = [...catalogue].filter(([, message]) => textsOf(message).some((text) => text.trim() === ''));
    expect(empty).toEqual([]);
  });

  it('uses the same parameters as English in each message', () => {
    const parameters = (message: Message): unknown => [...new Set(textsOf(message).flatMap(parametersOf))].sort();
    for (const [key, message] of catalogue) {
      expect([key, parameters(message)]).toEqual([key, parameters(english.get(key) ?? '')]);
    }
  });

  it('has all plural forms of the language', () => {
    for (const [key, message] of catalogue) {
      for (const { match } of typeof message === 'string' ? [] : message) {
        const forms = Object.keys(match).map((condition) => condition.split('=')[1] ?? '');
        expect([key, forms.sort()]).toEqual([key, formsOf(language).toSorted()]);
      }
    }
  });
});

/** Which messages the files of an area use; `m[\`failure_${code}\`]` uses all that match. */
function usedIn(sources: string): (key: string) => boolean {
  const said = new Set(Array.from(sources.matchAll(/\bm\.(\w+)\b/g), ([, key]) => key));
  const patterns = Array.from(
    sources.matchAll(/\bm\[\s*`([^`]+)`\s*\]/g),
    ([, name]) => new RegExp(`^${name?.replaceAll(/\$\{.*?\}(?=_|$)/g, '\\w+')}$`),
  );
  return (key) => said.has(key) || patterns.some((pattern) => pattern.test(key));
}

const root = new URL('../../', import.meta.url);
const sources = globSync('{lib,routes}/**/*.{svelte,ts}', { cwd: root, exclude: ['**/paraglide', '**/*.spec.ts'] }).map(
  (path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }),
);

it.each(AREAS)('the area %s has no unused message', (area) => {
  // Every area uses the shared ones.
  const own = area === 'shared' ? sources : sources.filter(({ text }) => text.includes(`/${area}-messages.svelte.ts`));
  const isUsed = usedIn(own.map(({ text }) => text).join('\n'));
  expect([...catalogueOf(area, 'en').keys()].filter((key) => !isUsed(key))).toEqual([]);
});

it('the shared area has no message that only the pages of another area use', () => {
  const users = sources.map(({ path, text }) => ({ area: areaOf(path), uses: usedIn(text) }));
  const misplaced = [...catalogueOf('shared', 'en').keys()].filter((key) => {
    const areas = new Set(users.filter(({ uses }) => uses(key)).map(({ area }) => area));
    return areas.size === 1 && !areas.has('shared');
  });
  expect(misplaced).toEqual([]);
});

/** The area whose messages a file can use. */
function areaOf(path: string): (typeof AREAS)[number] {
  if (/^(lib|routes\/\(app\))\/admin\//.test(path)) return 'admin';
  if (path.startsWith('routes/(app)/profile/')) return 'profile';
  if (path.startsWith('lib/webhooks/')) return 'webhooks';
  return /^routes\/(login|auth)/.test(path) ? 'sign-in' : 'shared';
}
