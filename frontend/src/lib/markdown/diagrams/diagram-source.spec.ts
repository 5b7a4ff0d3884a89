import { expect, it } from 'vitest';
import { withoutHandlers } from './diagram-source.ts';

it.each([
  ['<img src=x onerror=alert(1)>', '<img src=x onerror#61;alert(1)>'],
  ['<svg/ONLOAD\n= "a">', '<svg/ONLOAD\n#61; "a">'],
  ['<b id="x"onclick=\'y\'>', '<b id="x"onclick#61;\'y\'>'],
  ['<img alt=">" onerror=a()> and <i onclick=b()>', '<img alt=">" onerror#61;a()> and <i onclick#61;b()>'],
])('removes event handlers from %j', (code, drawn) => expect(withoutHandlers(code)).toBe(drawn));

it.each([
  'flowchart LR\n  online ==> offline\n  A["<b>x</b>"]\n  onA==>B',
  'flowchart LR\n  A["onclick=a"] --> B',
  'flowchart LR\n  A["<b>version=2</b>"]\n  style A fill:#f9f',
  'classDiagram\n  A <|-- B',
])('does not change other text: %j', (code) => expect(withoutHandlers(code)).toBe(code));
