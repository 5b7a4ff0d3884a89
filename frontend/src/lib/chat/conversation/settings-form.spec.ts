import { describe, expect, it } from 'vitest';
import { conversationSettings, MAX_SYSTEM_PROMPT_LENGTH } from '#protocol';
import { faultsOf, formOf, hasOwnSettings, RANGES, type SettingsForm, settingsOf } from './settings-form.ts';

const EMPTY: SettingsForm = { systemPrompt: '', temperature: '', topP: '', maxOutputTokens: '', keepsPersonal: false };

describe('the form of settings', () => {
  it('treats empty fields as unset', () => {
    expect(settingsOf({ ...EMPTY, systemPrompt: ' \n', topP: ' ' })).toEqual({});
    expect(faultsOf({ ...EMPTY, topP: ' ' }).size).toBe(0);
    expect(formOf({})).toEqual(EMPTY);
  });

  it('reads back the settings that it was filled with', () => {
    const settings = { systemPrompt: 'Be brief.', temperature: 0, topP: 0.25, maxOutputTokens: 400 };
    expect(settingsOf(formOf(settings))).toEqual(settings);
    expect(settingsOf(formOf({ ...settings, model: 'some-model' }))).toEqual(settings);
  });

  it('keeps what the owner wrote about themselves, or leaves it out', () => {
    const personal = { about: 'I am a nurse.' };
    const form = formOf({ temperature: 1, personal });
    expect(settingsOf(form, personal)).toEqual({ temperature: 1, personal });
    expect(settingsOf({ ...form, keepsPersonal: false }, personal)).toEqual({ temperature: 1 });
    expect(settingsOf(formOf({}))).toEqual({});
    expect(hasOwnSettings({ personal })).toBe(false);
  });

  it('reads numbers with a decimal point or comma', () => {
    expect(settingsOf({ ...EMPTY, temperature: '0,7', topP: '.5' })).toEqual({ temperature: 0.7, topP: 0.5 });
  });

  it.each([
    ['temperature', ['2.1', '-1', 'warm', '1.2.3', '1e5', '0x1']],
    ['topP', ['1.01', 'x']],
    ['maxOutputTokens', ['0', '1.5', '1000001', '1,000', '1.000']],
  ] as const)('refuses a %s that the server would refuse', (field, values) => {
    for (const value of values) expect([...faultsOf({ ...EMPTY, [field]: value })], value).toEqual([field]);
  });

  it('allows exactly what the protocol allows', () => {
    for (const [field, { least, most }] of Object.entries(RANGES)) {
      for (const value of [least, most]) {
        const form = { ...EMPTY, [field]: String(value) };
        expect(faultsOf(form).size).toBe(0);
        expect(conversationSettings.safeParse(settingsOf(form)).success).toBe(true);
      }
      for (const value of [least - 1, most + 1]) {
        expect(conversationSettings.safeParse({ [field]: value }).success).toBe(false);
      }
    }
    const longest = { ...EMPTY, systemPrompt: 'x'.repeat(MAX_SYSTEM_PROMPT_LENGTH) };
    expect(faultsOf(longest).size).toBe(0);
    expect([...faultsOf({ ...EMPTY, systemPrompt: `${longest.systemPrompt}x` })]).toEqual(['systemPrompt']);
  });

  it('does not count the choice of a model as own settings', () => {
    expect(hasOwnSettings({})).toBe(false);
    expect(hasOwnSettings({ model: 'some-model' })).toBe(false);
    expect(hasOwnSettings({ temperature: 0 })).toBe(true);
  });
});
