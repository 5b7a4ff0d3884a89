import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { lexBlocks } from './lexing/block-lexer.ts';
import { html, unescape } from './examples/shown.ts';

// Many renderings are slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const link = (address: string, text: string): string =>
  `<a href="${address}" target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;

describe('the HTML of a message', () => {
  it.each([
    ['# One\n\n###### Six', '<h2>One</h2><h6>Six</h6>'],
    ['**a** _b_ ~~c~~ `d`', '<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>'],
    ['~5 to ~6 minutes', '<p>~5 to ~6 minutes</p>'],
    ['5. a\n   - b\n6. c', '<ol start="5"><li>a<ul><li>b</li></ul></li><li>c</li></ol>'],
    ['> a\n>\n> > b', '<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>'],
    ['a  \nb<br>c', '<p>a<br/>b<br/>c</p>'],
    ['a\n\n---\n\nb', '<p>a</p><hr/><p>b</p>'],
    ['$5 and $10, or US$5-$10', '<p>$5 and $10, or US$5-$10</p>'],
    ['$x^2$ and \\(y\\)', '<p><code>x^2</code> and <code>y</code></p>'],
    ['$$\na\n$$', '<code class="formula">a</code>'],
    ['\\[ a \\]', '<code class="formula">a</code>'],
    ['&lt;b&gt; &copy; &nope; &#65;', '<p>&lt;b> © &amp;nope; A</p>'],
    ['`&lt;`', '<p><code>&amp;lt;</code></p>'],
    ['\\*a\\*', '<p>*a*</p>'],
  ])('%j', (text, expected) => expect(html(text)).toBe(expected));

  it('has tables with alignment and headers', () => {
    const table = html('| a | b |\n|:--|--:|\n| 1 | **2** |');
    expect(table).toContain('<th scope="col" style="text-align: right;">b</th>');
    expect(table).toContain('<td style="text-align: right;"><strong>2</strong></td>');
  });

  it('has task lists', () => {
    const list = html('- [x] a\n- [ ] b');
    expect(list.match(/<li class="task">/g)).toHaveLength(2);
    expect(list).toMatch(/<input type="checkbox" checked[^>]* disabled[^>]*aria-label="Done"\/?>a/);
  });

  it('has code with its language and a copy button', () => {
    const code = html('```ts title="a.ts"\nif (a < b) {}\n```');
    expect(code).toContain('<span class="language">ts</span>');
    expect(code).toContain('aria-label="Copy code"');
    expect(code).toContain('if (a &lt; b) {}');
  });
});

describe('a diagram', () => {
  const text = '```mermaid\nflowchart LR\n  A --> B\n```\n';

  it('is code until it is drawn, which only a browser can do', () => {
    expect(html(text)).toContain('<span class="language">mermaid</span>');
    expect(html(text)).toContain('A --> B');
    expect(html(text)).not.toContain('<img');
  });

  it.each([
    ['closed', '```mermaid\nA\n```\n', true],
    ['closed by a longer mark', '~~~mermaid\nA\n~~~~  \n', true],
    ['open', '```mermaid\nA\n', false],
    ['with an end that may go on', '```mermaid\nA\n```', false],
    ['with a mark of another kind', '```mermaid\nA\n~~~\n', false],
    ['with a shorter mark', '````mermaid\nA\n```\n', false],
  ])('%s', (_, raw, isClosed) =>
    expect(lexBlocks(raw, {}, true).blocks[0]?.token).toMatchObject({ type: 'code', isClosed }),
  );
});

describe('a message is untrusted', () => {
  it('links open in a new tab and send no referrer', () => {
    expect(html('[a](https://a.example)')).toBe(`<p>${link('https://a.example/', 'a')}</p>`);
    expect(html('www.a.example')).toBe(`<p>${link('http://www.a.example/', 'www.a.example')}</p>`);
    expect(html('<ada@a.example>')).toBe(`<p>${link('mailto:ada@a.example', 'ada@a.example')}</p>`);
  });

  it('script links are text', () => {
    expect(html('[a](javascript:alert(1))')).toBe('<p><span title="javascript:alert(1)">a</span></p>');
  });

  it('images are not loaded', () => {
    expect(html('![a](https://a.example/b.png)')).toBe(`<p>${link('https://a.example/b.png', 'a')}</p>`);
    expect(html('[![a](https://b.example/c.svg)](https://a.example)')).toBe(
      `<p>${link('https://a.example/', '<span title="https://b.example/c.svg">a</span>')}</p>`,
    );
    expect(html('![](data:image/png;base64,AA)')).not.toContain('<img');
  });

  it('HTML is text', () => {
    expect(html('<script>alert(1)</script>')).toBe('<p class="source">&lt;script>alert(1)&lt;/script></p>');
    expect(html('a <img src=x onerror=alert(1)> b')).toBe('<p>a &lt;img src=x onerror=alert(1)> b</p>');
  });

  it('no text creates elements other than those of this folder', () => {
    const known =
      /^(?:p|h[2-6]|strong|em|del|code|pre|br|hr|a|span|ol|ul|li|input|blockquote|div|table|thead|tbody|tr|th|td|figure|figcaption|button|svg|path|rect)$/;
    const hostile = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '<script>',
            '<img src=x onerror=y>',
            '](javascript:x)',
            '[a',
            '`',
            '```',
            '$',
            '"',
            "'>",
            '&lt;',
          ),
          fc.string({ unit: 'binary', maxLength: 5 }),
        ),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = html(text);
        for (const [, name] of shown.matchAll(/<\/?([a-z][\w-]*)/gi)) expect(name).toMatch(known);
        expect(shown).not.toMatch(/<[^>]*\s(?:on\w+|srcdoc)=/i);
      }),
    );
  });

  it('survives nesting that is too deep for the stack', () => {
    const text = `${'>'.repeat(10_000)} end`;
    expect(html(text)).toContain('end');
    expect(html('*a **b '.repeat(3_000))).toContain('a');
  });
});

it('no word is lost', () => {
  const word = fc.stringMatching(/^[a-z]{3,8}$/);
  const marks =
    ' ·\n·\n\n· **·** · *·* · `·` ·\n- ·\n1. ·\n> ·\n# · | ·\n|·\n```\n· <div> ·\n<div>\n· $·$ ·\n$$\n· \\(·\\) · ~~·~~ · [·] ·' +
    '\n    · & · < ';
  fc.assert(
    fc.property(fc.array(fc.tuple(word, fc.constantFrom(...marks.split('·'))), { maxLength: 30 }), (parts) => {
      const shown = unescape(html(parts.flat().join('')));
      for (const [said] of parts) expect(shown).toContain(said);
    }),
    { numRuns: 500 },
  );
});
