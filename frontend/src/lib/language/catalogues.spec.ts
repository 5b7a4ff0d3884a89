import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LANGUAGE_CODES } from './languages.ts';

type Message = string | readonly { readonly match: Readonly<Record<string, string>> }[];

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

function catalogueOf(language: string): ReadonlyMap<string, Message> {
  const { $schema: _, ...messages } = read(`../../../messages/${language}.json`) as Record<string, Message>;
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

const english = catalogueOf('en');

it('has one catalogue for each language that the page offers, and no other', () => {
  const { locales } = read('../../../project.inlang/settings.json') as { locales: readonly string[] };
  expect([...locales].sort()).toEqual([...LANGUAGE_CODES].sort());
});

describe.each(LANGUAGE_CODES)('the catalogue %s', (language) => {
  const catalogue = catalogueOf(language);

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

it('has no unused message', () => {
  const root = new URL('../../', import.meta.url);
  const sources = globSync('{lib,routes}/**/*.{svelte,ts}', { cwd: root, exclude: ['**/paraglide', '**/*.spec.ts'] })
    .map((path) => readFileSync(new URL(path, root), 'utf8'))
    .join('\n');
  const said = new Set(Array.from(sources.matchAll(/\bm\.(\w+)\(/g), ([, key]) => key));
  // m[`failure_${code}`]: the inserted part is computed at run time.
  const patterns = Array.from(
    sources.matchAll(/\bm\[\s*`([^`]+)`\s*\]/g),
    ([, name]) => new RegExp(`^${name?.replaceAll(/\$\{.*?\}(?=_|$)/g, '\\w+')}$`),
  );
  const unsaid = [...english.keys()].filter((key) => !said.has(key) && !patterns.some((pattern) => pattern.test(key)));
  expect(unsaid).toEqual([]);
});
