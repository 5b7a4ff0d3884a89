/** As long as a reply may be. */
const LENGTH = 400_000;

const grown = (pattern: string, length = LENGTH): string =>
  pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);
const both = (first: string, second: string): string => grown(first, LENGTH / 2) + grown(second, LENGTH / 2);
const fenced = (language: string, code: string): string => `\`\`\`${language}\n${grown(code)}\n\`\`\`\n`;

/** Blocks that are as long as a reply may be, and mean to take long: each is a mark that some parsers look for twice. */
export const BLOCKS: Readonly<Record<string, string>> = {
  prose: grown('The quick brown fox jumps over the lazy dog. '),
  'no spaces': grown('x'),
  'lines of text': grown('one line\n'),
  '*a': grown('*a'),
  '*a **a': grown('*a **a '),
  '*a … a*': both('*a ', 'a* '),
  _a: grown('_a '),
  '[': grown('['),
  '[a](b)': grown('[a](b) '),
  '[a](': grown('[a]('),
  '![': grown('!['),
  '![a … ](b)': both('![a', '](b)'),
  '`': grown('`'),
  '`a': grown('`a'),
  '<': grown('<'),
  '<!--': grown('a <!--'),
  '<sub>': grown('a<sub>'),
  '<details>': grown('<details>\n'),
  '> > >': grown('>'),
  'a quote': grown('> a\n'),
  '- - -a': `${grown('- ')}a`,
  'a list': grown('- a point with **bold** words\n'),
  'a list with room': grown('- a\n\n'),
  'a numbered list': grown('1. a\n'),
  'a list that nests': Array.from({ length: 800 }, (_, at) => `${' '.repeat(at * 2)}- a\n`).join(''),
  'a table': `| a | b |\n|--|--|\n${grown('| 1 | **2** |\n')}`,
  'a wide table': `${grown('|a')}\n${grown('|-')}\n`,
  'a table without cells': `${grown('|a', 4_000)}\n${grown('|-', 4_000)}\n${grown('|\n')}`,
  $a$: grown('$a$ '),
  'a long formula': `$$\n${grown('x^2 + ')}\n$$`,
  '\\(': grown('\\('),
  '\\[': grown('\\[\n'),
  addresses: grown('https://a.example/b '),
  'a@': grown('a@'),
  '[^1]': grown('[^1]'),
  'a footnote': `[^1]: ${grown('note ')}`,
  'code of JavaScript': fenced('js', 'const a = b("c", [1, 2]); // d\n'),
  'code that is text': fenced('', 'one line of a log\n'),
  'code without lines': fenced('', 'x'),
  'JSON on one line': fenced('json', '{"a": [1, "b"]}, '),
  'East Asian': grown('**结论先行。**后面'),
  'right to left': grown('שלום עולם '),
  emoji: grown('😀'),
};
