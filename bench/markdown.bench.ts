/**
 * The cost of one more token for the Markdown of a reply, by the length so far. It should be constant: a page that
 * renders the whole text with each token pays fifty times as much at the end of a long reply as at its start.
 *
 *     node bench/markdown.bench.ts
 */
import { performance } from 'node:perf_hooks';
import { BlockStream } from '../frontend/src/lib/markdown/lexing/block-stream.ts';
import { lexBlocks } from '../frontend/src/lib/markdown/lexing/block-lexer.ts';

const LENGTHS = [1_000, 10_000, 50_000];
const TOKEN_LENGTH = 5;
const MEASURED_TOKENS = 400;
const REPETITIONS = 5;

const PROSE = [
  '## A heading with `code`\n\n',
  'A paragraph of **ordinary** length with a [link](https://example.com/a?b=c), some _emphasis_ and a formula $x^2$. ',
  'It goes on for a sentence or two, as replies do, and then it ends.\n\n',
  '- one point\n- another, with `code`\n  - and one below it\n- the last\n\n',
  '| name | value |\n|------|------:|\n| a | 1 |\n| b | 2 |\n\n',
  '```ts\nexport const answer = (question: string): number => question.length;\nif (answer("?") > 1) throw new Error();\n```\n\n',
].join('');
const CODE = `\`\`\`ts\n${'const value = compute(1, "two", [3]);\n'.repeat(10_000)}`;
const LIST = '- a point of a list that never ends, with **bold** words\n';

const SHAPES: Readonly<Record<string, string>> = { 'mixed prose': PROSE, 'one code block': CODE, 'one list': LIST };

/** Milliseconds per token after the first `length` characters. */
function costPerToken(text: string, length: number): number {
  const stream = new BlockStream();
  stream.append(text.slice(0, length));
  const start = performance.now();
  for (let token = 0; token < MEASURED_TOKENS; token++) {
    const at = length + token * TOKEN_LENGTH;
    stream.append(text.slice(at, at + TOKEN_LENGTH));
  }
  return (performance.now() - start) / MEASURED_TOKENS;
}

/** The same for a page that lexes the whole text each time; fewer tokens, since each takes long. */
function costPerTokenWhole(text: string, length: number): number {
  const tokens = 20;
  const start = performance.now();
  for (let token = 1; token <= tokens; token++) lexBlocks(text.slice(0, length + token * TOKEN_LENGTH));
  return (performance.now() - start) / tokens;
}

const best = (measure: () => number): number => Math.min(...Array.from({ length: REPETITIONS }, measure));
const column = (ms: number): string => ms.toFixed(3).padStart(9);

const needed = Math.max(...LENGTHS) + MEASURED_TOKENS * TOKEN_LENGTH;
console.log(
  `ms a token after        ${LENGTHS.map((length) => `${length / 1000}k`.padStart(9)).join('')}   last / first`,
);
for (const [shape, pattern] of Object.entries(SHAPES)) {
  const text = pattern.repeat(Math.ceil(needed / pattern.length));
  for (const [how, cost] of [
    ['in pieces', costPerToken],
    ['as a whole', costPerTokenWhole],
  ] as const) {
    cost(text, 1_000);
    const costs = LENGTHS.map((length) => best(() => cost(text, length)));
    const ratio = (costs.at(-1) ?? 0) / (costs[0] ?? 1);
    console.log(`${shape.padEnd(15)}${how.padEnd(10)}${costs.map(column).join('')}   ${ratio.toFixed(1)}`);
  }
}
