import { describe, expect, it } from 'vitest';
import { bestLanguage, varietyOf } from './languages.ts';

describe('the language of a browser', () => {
  it.each([
    [['de-AT', 'en'], 'de'],
    [['pt-BR', 'es-419', 'en'], 'es'],
    [['FR_ca'], 'fr'],
    [['ja', 'toString'], 'en'],
    [[], 'en'],
  ])('%j is served in %s', (tags, language) => expect(bestLanguage(tags)).toBe(language));

  it('keeps the regional variety for dates and numbers if it belongs to the language in view', () => {
    expect(varietyOf('en', ['de', 'en-GB'])).toBe('en-GB');
    expect(varietyOf('fr', ['de', 'en-GB'])).toBe('fr');
  });
});
