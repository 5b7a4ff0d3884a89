import type { Token } from 'markdown-it';
import { blockTree } from '../parser/block-tree.ts';
import { parser, type ParserEnv } from '../parser/markdown-parser.ts';
import type { BlockToken } from '../token.types.ts';

/** Where reference links lead, by their labels. */
export type Links = ParserEnv['references'];

/** A block, as the lexer found it. */
export interface LexedBlock {
  /** Its lines, with the blank ones behind it. */
  readonly raw: string;
  readonly token: BlockToken;
  /** Labels of the reference links that it defines. */
  readonly defines: readonly string[];
}

export interface Lexed {
  readonly blocks: readonly LexedBlock[];
  /** Where reference links lead: those defined in the text, with the ones given as their prototype. */
  readonly links: Links;
}

/** Without a prototype: a link named `constructor` is not defined by being an object's property. */
export const noLinks = (): Links => Object.create(null) as Links;

/**
 * Lexes whole blocks; lines end in `\n` alone. The `raw` of all blocks together is the source.
 * @param isGrowing more text may follow: what the end leaves open is not decided
 */
export function lexBlocks(source: string, links: Links = noLinks(), isGrowing = false): Lexed {
  // A layer over those given: a text may define thousands, and copies of them all for each block took minutes.
  const references = Object.create(links) as Links;
  const env: ParserEnv = { references, isGrowing, depth: 0 };
  const tokens: Token[] = [];
  parser.block.parse(source, parser, env, tokens);

  const offsets = lineOffsets(source);
  const offsetAt = (line: number): number => offsets[line] ?? source.length;
  const parts = topLevel(tokens);
  const blocks: LexedBlock[] = [];
  const first = parts[0]?.[0] ? startOf(parts[0], offsetAt) : source.length;
  if (first > 0) blocks.push({ raw: source.slice(0, first), token: { type: 'nothing' }, defines: [] });
  for (const [index, part] of parts.entries()) {
    const from = startOf(part, offsetAt);
    const next = parts[index + 1];
    const raw = source.slice(from, next ? startOf(next, offsetAt) : source.length);
    const token = blockTree({ tokens: part, raw, offsetOf: (line) => offsetAt(line) - from }, env);
    blocks.push({ raw, token, defines: labelsIn(part) });
  }
  return { blocks, links: references };
}

/** The tokens of each block that stands in no other. */
export function topLevel(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0) parts.push([]);
    parts.at(-1)?.push(token);
    depth += token.nesting;
  }
  return parts;
}

const startOf = ([opening]: readonly Token[], offsetAt: (line: number) => number): number =>
  offsetAt(opening?.map?.[0] ?? 0);

/** Where each line begins. */
export function lineOffsets(source: string): number[] {
  const offsets = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) offsets.push(at + 1);
  return offsets;
}

const labelsIn = (tokens: readonly Token[]): string[] =>
  tokens.flatMap(({ type, meta }) => (type === 'reference_definition' ? [String(meta?.['label'])] : []));
