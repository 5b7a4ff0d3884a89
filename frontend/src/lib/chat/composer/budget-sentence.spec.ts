import { afterEach, describe, expect, it } from 'vitest';
import { showLanguage } from '#lib/language/catalogue.svelte.ts';
import { resetWords } from '#lib/people/format-budget.ts';
import { budgetSentence } from './budget-sentence.ts';

const AT = Date.UTC(2026, 10, 27);

afterEach(() => showLanguage('en'));

describe('the sentence of the composer about an exceeded budget', () => {
  it.each([
    ['en', 'This is over your budget', 'November'],
    ['de', 'Das übersteigt dein Budget', 'November'],
    ['es', 'Esto supera tu presupuesto', 'noviembre'],
    ['fr', 'Cela dépasse votre budget', 'novembre'],
  ] as const)('says in the language %s when it begins anew', async (language, words, month) => {
    await showLanguage(language);
    const sentence = budgetSentence(AT, AT - 1);
    expect(sentence).toContain(words);
    expect(sentence).toContain(month);
    expect(sentence).toContain(resetWords(AT));
  });

  it('is gone by then', () => {
    expect(budgetSentence(AT, AT)).toBeUndefined();
  });
});
