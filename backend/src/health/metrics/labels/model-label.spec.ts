import { expect, it } from '@jest/globals';
import { modelLabel } from './model-label.js';

it('a model that is not offered has the label of all others', () => {
  const labelOf = modelLabel(['gpt-4.1', 'anthropic:claude']);
  expect(['gpt-4.1', 'anthropic:claude', 'gone', '', 'toString'].map((model) => labelOf(model))).toEqual([
    'gpt-4.1',
    'anthropic:claude',
    'other',
    'other',
    'other',
  ]);
});
