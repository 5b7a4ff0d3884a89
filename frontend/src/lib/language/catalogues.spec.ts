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

/** The forms that a language has for numbers, such as `one` and `other`. */
const formsOf = (language: string): readonly string[] => [
  ...new Intl.PluralRules(language).resolvedOptions().pluralCategories,
];

const english = catalogueOf('en');

it('has a catalogue for each language that the page offers, and offers each that it has', () => {
  const { locales } = read('../../../project.inlang/settings.json') as { locales: readonly string[] };
  expect([...locales].sort()).toEqual([...LANGUAGE_CODES].sort());
});

describe.each(LANGUAGE_CODES)('the catalogue of %s', (language) => {
  const catalogue = catalogueOf(language);

  it('has the messages that English has, in the same order', () => {
    expect([...catalogue.keys()]).toEqual([...english.keys()]);
  });

  it('has no empty message', () => {
    const empty = [...catalogue].filter(([, message]) => textsOf(message).some((text) => text.trim() === ''));
    expect(empty).toEqual([]);
  });

  it('gives each message the parameters that it has in English', () => {
    const parameters = (message: Message): unknown => [...new Set(textsOf(message).flatMap(parametersOf))].sort();
    for (const [key, message] of catalogue) {
      expect([key, parameters(message)]).toEqual([key, parameters(english.get(key) ?? '')]);
    }
  });

  it('has all the forms for numbers that the language has', () => {
    for (const [key, message] of catalogue) {
      for (const { match } of typeof message === 'string' ? [] : message) {
        const forms = Object.keys(match).map((condition) => condition.split('=')[1] ?? '');
        expect([key, forms.sort()]).toEqual([key, formsOf(language).toSorted()]);
      }
    }
  });
});

it('keeps no message that nothing says any more', () => {
  const root = new URL('../../', import.meta.url);
  const sources = globSync('{lib,routes}/**/*.{svelte,ts}', { cwd: root, exclude: ['**/paraglide', '**/*.spec.ts'] })
    .map((path) => readFileSync(new URL(path, root), 'utf8'))
    .join('\n');
  const said = new Set(Array.from(sources.matchAll(/\bm\.(\w+)\(/g), ([, key]) => key));
  // m[`failure_${code}`]: what stands between is made up as the page runs.
  const patterns = Array.from(
    sources.matchAll(/\bm\[\s*`([^`]+)`\s*\]/g),
    ([, name]) => new RegExp(`^${name?.replaceAll(/\$\{.*?\}(?=_|$)/g, '\\w+')}$`),
  );
  const unsaid = [...english.keys()].filter((key) => !said.has(key) && !patterns.some((pattern) => pattern.test(key)));
  expect(unsaid).toEqual([]);
});
