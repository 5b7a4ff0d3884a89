import { describe, expect, it } from 'vitest';
import { html, unescape } from '../examples/shown.ts';

describe('East Asian text', () => {
  it.each([
    ['**结论先行。**后面', '<p><strong>结论先行。</strong>后面</p>'],
    ['**「甲」**なので**「乙」**', '<p><strong>「甲」</strong>なので<strong>「乙」</strong></p>'],
    ['これは*「強調」*です', '<p>これは<em>「強調」</em>です</p>'],
    ['그는 **“안녕”**이라고', '<p>그는 <strong>“안녕”</strong>이라고</p>'],
    ['~~（旧）~~新', '<p><del>（旧）</del>新</p>'],
    ['**注意（重要）：**请', '<p><strong>注意（重要）：</strong>请</p>'],
  ])('%s', (text, expected) => expect(html(text)).toBe(expected));

  it.each([
    ['见 https://a.example/i/7，包括四点', 'https://a.example/i/7', '，包括四点'],
    ['见https://a.example/i/7。后面', 'https://a.example/i/7', '。后面'],
    ['（https://a.example/i/7）', 'https://a.example/i/7', '）'],
    ['「https://a.example」です', 'https://a.example/', '」です'],
    ['请访问https://a.example查看', 'https://a.example/', '查看'],
    ['https://a.example/i/7包括四点', 'https://a.example/i/7', '包括四点'],
    ['https://a.example에서 확인', 'https://a.example/', '에서 확인'],
    ['看www.a.example，好', 'http://www.a.example/', '，好'],
    ['邮件ada@a.example，好', 'mailto:ada@a.example', '，好'],
    ['**网址：https://a.example/x**后面', 'https://a.example/x', '后面'],
    ['https://zh.wikipedia.org/wiki/中国 好', 'https://zh.wikipedia.org/wiki/%E4%B8%AD%E5%9B%BD', ' 好'],
    ['https://例え.jp/、', 'https://xn--r8jz45g.jp/', '、'],
  ])('%s: the link ends after the address', (text, address, after) => {
    const shown = html(text);
    expect(/href="([^"]*)"/.exec(shown)?.[1]).toBe(address);
    expect(shown.slice(shown.indexOf('</a>')).replaceAll(/<[^>]*>/g, '')).toBe(after);
  });
});

describe('bare URLs', () => {
  it.each([
    ['(https://a.example/b_(c))', 'https://a.example/b_(c)'],
    ['https://a.example/_next/_app_/x?y=1&z=2.', 'https://a.example/_next/_app_/x?y=1&z=2'],
    ['*https://a.example/b*', 'https://a.example/b'],
    ['http://localhost:3000/x', 'http://localhost:3000/x'],
    ['http://[::1]:3000', 'http://[::1]:3000/'],
    ['first_last@a.example', 'mailto:first_last@a.example'],
    ['<tel:+49301234>', 'tel:+49301234'],
    ['[call](tel:+49-30-1234)', 'tel:+49-30-1234'],
  ])('%s leads to %s', (text, address) => expect(unescape(/href="([^"]*)"/.exec(html(text))?.[1] ?? '')).toBe(address));

  it('are not links in code, in links and in other text', () => {
    expect(html('`https://a.example`')).not.toContain('<a ');
    expect(html('[https://a.example](https://b.example)').match(/<a /g)).toHaveLength(1);
    expect(html('xhttps://a.example and https:// and awww.a.example')).not.toContain('<a ');
  });
});
