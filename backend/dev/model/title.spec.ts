import { describe, expect, it } from '@jest/globals';
import { titleFor } from './title.js';

describe('the title that the local model makes', () => {
  it.each([
    ['user: How does a tide work?\n\nassistant: Slowly.', 'A tide work'],
    ['user: /truncate 90 why is the sea salty', 'The sea salty'],
    ['user: /reset 10 Rivers', 'Rivers'],
    ['user: /long 50 Mountains', 'Mountains'],
    ['user: /slow 3 little pigs', '3 little pigs'],
    ['user: /echo 90 days', '90 days'],
    ['user: /count 200 50', '200 50'],
    ['user: /unknown 7 samurai', '7 samurai'],
    ['user: /stall 10', 'New conversation'],
    ['user: ', 'New conversation'],
  ])('of %j is %j', (conversation, title) => {
    expect(titleFor(conversation)).toBe(title);
  });
});
