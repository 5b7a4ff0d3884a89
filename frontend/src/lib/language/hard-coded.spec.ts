import { globSync, readFileSync } from 'node:fs';
import { type AST, parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

/** Names that are the same in every language: the product, units, keys. */
const NAMES = /\b(?:Lockstep|KB|Esc|Enter|Alt)\b/g;

/** Attributes and component properties with text for the user. */
const SPOKEN = new Set(['aria-label', 'aria-description', 'title', 'placeholder', 'label', 'alt', 'text', 'action']);

interface Node {
  readonly type: string;
  readonly name?: string;
  readonly data?: string;
  readonly value?: unknown;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

const saysSomething = (text: string): boolean => /\p{L}{2}/u.test(text.replaceAll(NAMES, ''));

/** Texts that an expression may evaluate to: those of its branches, not those that it compares or passes on. */
function outcomes(node: unknown): readonly string[] {
  if (!isNode(node)) return [];
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : [];
    case 'TemplateLiteral':
      return [
        ...(node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked),
        ...(node['expressions'] as unknown[]).flatMap(outcomes),
      ];
    case 'ConditionalExpression':
      return [...outcomes(node['consequent']), ...outcomes(node['alternate'])];
    case 'LogicalExpression':
      return [...outcomes(node['left']), ...outcomes(node['right'])];
    default:
      return [];
  }
}

/** All visible texts of a template that do not come from the catalogue. */
function visibleTexts(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(visibleTexts);
  if (!isNode(node)) return [];
  switch (node.type) {
    case 'Text':
      return [node.data ?? ''];
    case 'ExpressionTag':
      return [...outcomes(node['expression']), ...visibleTexts(node['expression'])];
    case 'Attribute':
      if (SPOKEN.has(node.name ?? '')) return visibleTexts(node.value);
      return Array.isArray(node.value) ? [] : visibleTexts((node.value as Node)['expression']);
    case 'Comment':
    case 'StyleDirective':
    case 'ClassDirective':
      return [];
    default:
      return Object.values(node).flatMap(visibleTexts);
  }
}

const hardCoded = (source: string): readonly string[] => {
  const root: AST.Root = parse(source, { modern: true });
  return visibleTexts(root.fragment)
    .filter(saysSomething)
    .map((text) => text.trim());
};

const root = new URL('../../', import.meta.url);
const components = globSync('{lib,routes}/**/*.svelte', { cwd: root });

describe('a hard-coded text in a component', () => {
  it.each([
    ['<p>Hello</p>', ['Hello']],
    ['<p aria-label="Hello"></p>', ['Hello']],
    ["<button title={isOn ? 'Off' : m.on()}></button>", ['Off']],
    ["{name || 'Nobody'}", ['Nobody']],
    ['<Menu label={`Role of ${name}`} />', ['Role of']],
    ["{#if kind === 'role'}{kind}{/if}", []],
    ['<p class="flex" style:width={wide ? "large" : "small"}>{m.hello()}</p>', []],
    ['<title>{title} · Lockstep</title>', []],
  ])('%s', (source, texts) => expect(hardCoded(source)).toEqual(texts));
});

it('finds the components of the page', () => expect(components.length).toBeGreaterThan(50));

it.each(components)('%s takes its texts from the catalogue', (path) => {
  expect(hardCoded(readFileSync(new URL(path, root), 'utf8'))).toEqual([]);
});
