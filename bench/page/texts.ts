/** A typical explanatory reply: all Markdown elements in the proportions that models use. */
const REPLY = [
  '## A heading with `code`\n\n',
  'A paragraph of **ordinary** length with a [link](https://example.com/a?b=c), some _emphasis_ and a formula $x^2$. ',
  'It goes on for a sentence or two, as replies do, and then it ends.\n\n',
  '- one point\n- another, with `code`\n  - and one below it\n- the last\n\n',
  '| name | value |\n|------|------:|\n| a | 1 |\n| b | 2 |\n\n',
  '```ts\nexport const answer = (question: string): number => question.length;\nif (answer("?") > 1) throw new Error();\n```\n\n',
  'Another paragraph follows the code, and says what it does in words that everybody can understand.\n\n',
].join('');
const LIST = '- a point of a list that never ends, with **bold** words\n';
const CODE = 'const value = compute(1, "two", [3]); // and so on\n';

const grown = (pattern: string, length: number): string =>
  pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);

/** One text of each kind that can be cut anywhere. */
export const TEXTS = {
  reply: (length: number) => grown(REPLY, length),
  list: (length: number) => grown(LIST, length),
  code: (length: number) => `\`\`\`ts\n${grown(CODE, length)}`,
} as const;

/** Alternating questions and replies of varying length; the last one is recognisable. */
export function talk(messages: number, lastWords: string): string[] {
  return Array.from({ length: messages }, (_, at) => {
    if (at === messages - 1) return `${grown(REPLY, 1_000)}\n\n${lastWords}`;
    return at % 2 === 0 ? `Question number ${at}, in a sentence.` : grown(REPLY, 300 + ((at * 397) % 1_500));
  });
}
