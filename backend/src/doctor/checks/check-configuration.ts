import type { Examined } from '../../config/examine/examine.js';
import { type Check, type Found, note, ok, problem } from '../findings.js';

/** The variables themselves, without trying what they lead to. */
export const checkConfiguration = (examined: Examined): Check => ({
  area: 'configuration',
  limitMs: 1_000,
  run: () => {
    const { problems, misspelled, unknown, former, overridden, secretProblem, variables } = examined;
    const found: Found[] = [
      ...problems.map(({ variable, reason }) => problem('config_invalid', { variable, reason: withoutDot(reason) })),
      ...misspelled.map((params) => problem('config_misspelled', params)),
      ...(secretProblem === undefined ? [] : [problem('secret_unusable', { reason: secretProblem })]),
      ...unknown.map((variable) => note('config_unknown', { variable })),
      ...former.map((params) => note('config_former', params)),
      ...overridden.map((variable) => note('config_overridden', { variable })),
    ];
    const isValid = problems.length === 0 && secretProblem === undefined;
    return isValid ? [ok('config_ok', { count: Object.keys(variables).length }), ...found] : found;
  },
});

const withoutDot = (text: string): string => text.replace(/\.$/, '');
