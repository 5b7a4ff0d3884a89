import fc from 'fast-check';
import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import { closeBrokenOff, closeHalfTyped } from './half-typed.ts';
import { MarkdownDocument } from '../drawing/markdown-document.svelte.ts';
import MarkdownBlocks from '../drawing/MarkdownBlocks.svelte';

/** Removes zero-width spaces: remend adds one so that a single dash does not become a heading. */
const read = (typed: string): string => closeHalfTyped(typed).replace(/[\s\u200b]+$/, '');

describe('the end of a text that is being typed', () => {
  it.each([
    ['a formula is held back', 'Then $x^2 + ', 'Then'],
    ['also right at its beginning', 'Then $', 'Then'],
    ['and with a letter alone', 'Let $n', 'Let'],
    ['and with words', 'in $O(n log', 'in'],
    ['and with a number before TeX', 'is $2 \\pi', 'is'],
    ['also between parentheses', 'Then \\(x', 'Then'],
    ['and half of its mark', 'Then \\', 'Then'],
    ['a display formula within a line as well', 'Then $$x', 'Then'],
    ['and in a list', '- a\n- $$\n  x +', '- a\n-'],
    ['a whole one stays', 'Then $x$ and', 'Then $x$ and'],
    ['a price stays', 'It costs $5 and', 'It costs $5 and'],
    ['two prices stay', '$5 or $10 a', '$5 or $10 a'],
    ['a variable of a shell stays', 'Set $HOME to', 'Set $HOME to'],
    ['a dollar in code stays', 'Type `echo $x', 'Type `echo $x`'],
    ['a dollar that is escaped stays', 'Only \\$x_', 'Only \\$x_'],
    ['a dollar that is followed by a space stays', 'The $ of', 'The $ of'],
    ['so does one that was meant otherwise', `$x ${'and so on '.repeat(30)}`, `$x ${'and so on '.repeat(30)}`],
    ['the box of a task is held back', '- [x] a\n- [', '- [x] a\n-'],
    ['until it is complete', '- [x', '-'],
    ['and until the space behind it', '- [ ]', '-'],
    ['a whole one stays too', '- [ ] b', '- [ ] b'],
    ['half a footnote is held back', 'So it is[^no', 'So it is'],
    ['the kind of an alert as well', '> [!NOT', '>'],
    ['and half a tag', 'H<su', 'H'],
    ['an element is closed', 'H<sub>2', 'H<sub>2</sub>'],
    ['half a comment is held back', 'a <!-- b', 'a'],
    ['a comparison stays', 'if a < b', 'if a < b'],
  ])('%s', (_, typed, shown) => expect(read(typed)).toBe(shown.trimEnd()));
});

describe('while a text arrives character by character', () => {
  const shownAt = (text: string): string[] => {
    const document = new MarkdownDocument();
    return Array.from(text, (_, at) => {
      document.show(text.slice(0, at + 1), true);
      return render(MarkdownBlocks, { props: { document, isStreaming: true } }).body.replace(/<!--.*?-->/gs, '');
    });
  };

  it.each([
    'The area is $A = \\pi r^2$ for a circle.',
    'Then \\(a_1 + b_2\\) holds.',
    'Before\n\n$$\n\\frac{a}{b} = c\n$$\n\nAfter\n',
    '\\[ x = y \\]\n\nAfter\n',
    '- first $x_1$\n- second $x_2$\n',
    '| a | b |\n|---|---|\n| $x^2$ | 1 |\n',
  ])('the marks of a formula are never visible: %j', (text) => {
    for (const shown of shownAt(text)) expect(shown.replace(/<[^>]*>/g, '')).not.toMatch(/\$|\\[([]/);
  });

  it('the box of a task is never visible as brackets', () => {
    for (const shown of shownAt('- [x] done\n- [ ] open\n')) expect(shown).not.toContain('[');
  });

  it('all text that was held back is there in the end', () => {
    const parts = fc.array(
      fc.constantFrom('$', '$$', '\\(', '\\)', '\\[', 'word ', 'x^2', '`', '\n', ' ', '5', '- [ ] '),
    );
    fc.assert(
      fc.property(parts, (all) => {
        const text = `begin ${all.join('')} end`;
        const streamed = new MarkdownDocument();
        for (let at = 1; at < text.length; at += 3) streamed.show(text.slice(0, at), true);
        streamed.show(text, false);
        const whole = new MarkdownDocument();
        whole.show(text, false);
        const html = (document: MarkdownDocument): string => render(MarkdownBlocks, { props: { document } }).body;
        expect(html(streamed)).toBe(html(whole));
      }),
    );
  });
});

describe('the end of a text that was cut off', () => {
  it('is closed, and nothing is held back', () => {
    expect(closeBrokenOff('> **This is a half-typed,')).toBe('> **This is a half-typed,**');
    expect(closeBrokenOff('Then $x^2 + ')).toContain('$x^2 +');
    expect(closeBrokenOff('Whole.')).toBe('Whole.');
  });
});
