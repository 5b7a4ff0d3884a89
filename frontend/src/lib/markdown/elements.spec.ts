import { describe, expect, it } from 'vitest';
import { html, unescape } from './examples/shown.ts';

describe('footnotes', () => {
  it('are shown below the text, and references link to them', () => {
    const shown = html(
      'A[^1] and B[^note].\n\n[^1]: One *two*.\n\n[^note]: Three\n\n    four\n\nAfter, and A again[^1].',
    );
    expect(shown.match(/data-footnote="1"/g)).toHaveLength(2);
    expect(shown).toMatch(/After, and A again.*<section class="footnotes".*One <em>two<\/em>\..*Three.*four/s);
  });

  it.each([
    'undefined[^1] and [^two words]',
    '[^1]',
    'an array of [^a-z] signs',
    '[^1]: alone, with words',
    '[^1]:\n    on the next line',
    '[^a]: first\n[^b]: second',
    '- in a list[^1]\n\n  [^1]: in the list',
    '> [^q]: in a quote',
    '[^1]: - a list\n    - in it',
    'twice[^1]\n\n[^1]: first\n\n[^1]: second',
    '[^1](https://a.example) link',
    '![^1] image',
  ])('lose no word: %j', (text) => {
    const shown = unescape(html(text));
    for (const word of text.replaceAll(/https\S*/g, '').match(/[a-z]{2,}|\^[\w-]+(?=\](?!:))/g) ?? []) {
      expect(shown).toContain(word.replace(/^\^(?=1)/, ''));
    }
  });

  it('show an undefined reference as text', () => {
    expect(html('See [^1] there')).toBe('<p>See [^1] there</p>');
  });
});

describe('a few HTML elements are drawn', () => {
  it.each([
    ['H<sub>2</sub>O', '<p>H<sub>2</sub>O</p>'],
    ['x<sup>2 *y*</sup>', '<p>x<sup>2 <em>y</em></sup></p>'],
    ['Press <kbd>Ctrl</kbd>+<kbd>C</kbd>', '<p>Press <kbd>Ctrl</kbd>+<kbd>C</kbd></p>'],
    ['<mark style="color:red" onclick=alert(1)>a</mark>', '<p><mark>a</mark></p>'],
    ['a<br>b<br/>c<BR />d', '<p>a<br/>b<br/>c<br/>d</p>'],
    ['a <!-- b --> c', '<p>a  c</p>'],
    ['<!-- b -->\n\nc', '<p>c</p>'],
    ['**a<sub>b</sub>**', '<p><strong>a<sub>b</sub></strong></p>'],
    ['| a |\n|--|\n| x<sup>2</sup><br>y |', '<td>x<sup>2</sup><br/>y</td>'],
    ['a <sub>b', '<p>a &lt;sub>b</p>'],
    ['a</sub> b', '<p>a&lt;/sub> b</p>'],
    ['<sub>**a</sub>**', '&lt;sub>'],
    ['<u>a</u> <iframe src=x></iframe>', '<p>&lt;u>a&lt;/u> &lt;iframe src=x>&lt;/iframe></p>'],
  ])('%s', (text, expected) => expect(html(text)).toContain(expected));

  it.each([
    '<details>\n<summary>More **here**</summary>\n\n- a\n- b\n\n</details>\n\nAfter',
    '<details><summary>More **here**</summary>\n- a\n- b\n</details>\nAfter',
    '<details open><summary>More **here**</summary>\n\n- a\n- b</details>\n\nAfter',
    '<DETAILS>\n  <summary>More **here**</summary>\n\n- a\n- b\n\n</DETAILS> After',
  ])('details: %j', (text) => {
    expect(html(text)).toMatch(
      /<details(?: open="")?><summary>More <strong>here<\/strong><\/summary> ?<ul><li>a<\/li><li>b<\/li><\/ul><\/details>.*After/s,
    );
  });

  it('details nest, may contain their own tags as code, and may have no summary', () => {
    const shown = html(
      '<details>\n\n<details>\n<summary>In</summary>\n\n```html\n</details>\n```\n\n</details>\n\nout\n\n</details>\n\nAfter',
    );
    expect(shown).toMatch(
      /<details><summary>.*Details.*<details><summary>In<\/summary>.*<code>&lt;\/details><\/code>.*<\/details> ?<p>out<\/p> ?<\/details> ?<p>After/s,
    );
  });
});

describe('alerts', () => {
  it.each(['note', 'tip', 'important', 'warning', 'caution'])('%s', (kind) => {
    const shown = html(`> [!${kind.toUpperCase()}]\n> One *two*.\n>\n> - a`);
    expect(shown).toMatch(
      new RegExp(`<div class="alert ${kind}" role="note">.*One <em>two</em>\\..*<li>a</li>.*</div>`, 's'),
    );
    expect(shown).not.toContain('[!');
  });

  it('an unknown kind stays a quote', () => {
    expect(html('> [!OTHER]\n> a')).toBe('<blockquote><p>[!OTHER]\na</p></blockquote>');
    expect(html('> [!NOTE] a')).toBe('<blockquote><p>[!NOTE] a</p></blockquote>');
  });
});

describe('fences', () => {
  const codes = (text: string): string[] => html(text).match(/(?<=<code>).*?(?=<\/code>)/gs) ?? [];

  it('a Markdown fence may contain fences of the same length', () => {
    expect(codes('```markdown\n# T\n\n```js\nlet a;\n```\n\nmore\n```\n\nAfter')).toEqual([
      '# T\n\n```js\nlet a;\n```\n\nmore',
    ]);
    expect(codes('~~~md\n~~~sh\nls\n~~~\n~~~\nAfter')).toEqual(['~~~sh\nls\n~~~']);
  });

  it('an unclosed fence inside it does not swallow the text', () => {
    const text = '```markdown\n```js\nlet a;\n```\n\nAfter';
    expect(codes(text)).toEqual(['```js\nlet a;']);
    expect(html(text)).toContain('<p>After</p>');
  });

  it('in other languages the first closing fence counts', () => {
    expect(codes('```text\n```js\na\n```\n')).toEqual(['```js\na']);
  });
});

describe('images', () => {
  it.each([
    ['![a **b** `c`](https://a.example/d.png)', 'a b c'],
    ['![](https://a.example/d.png)', 'https://a.example/d.png'],
    ['![a [b](https://c.example)](https://a.example/d.png)', 'a b'],
    ['![a &amp; \\*b\\*](https://a.example/d.png "t")', 'a &amp; *b*'],
  ])('%s becomes text', (text, words) =>
    expect(html(text)).toMatch(new RegExp(`>${words.replaceAll('*', '\\*')}</a>`)),
  );
});

describe('formulas', () => {
  it.each([
    ['$$\na\n\nb\n$$', '<code class="formula">a\n\nb</code>'],
    ['x \\(a +\nb\\) y', '<p>x <code>a +\nb</code> y</p>'],
    ['A $$k$$-regular graph', '<p>A <code>k</code>-regular graph</p>'],
    ['设 $$x$$ 为', '<p>设 <code>x</code> 为</p>'],
    ['y\\[0] = 1', '<p>y[0] = 1</p>'],
    ['> \\[\n> a\n> \\]', '<blockquote><code class="formula">a</code></blockquote>'],
    ['$$ alone\n\n# Next', '<p>$$ alone</p><h2>Next</h2>'],
    ['Text\n$$a$$\nmore', '<p>Text</p><code class="formula">a</code><p>more</p>'],
  ])('%j', (text, expected) => expect(html(text)).toBe(expected));
});
