import type { Token } from 'markdown-it';
import { blockTree } from '../parser/block-tree.ts';
import { parser, type ParserEnv } from '../parser/markdown-parser.ts';
import type { BlockToken } from '../token.types.ts';

/** The targets of reference links, by label. */
export type Links = ParserEnv['references'];

/** A block as the lexer found it. */
export interface LexedBlock {
  /** Its lines, and the blank lines after it. */
  readonly raw: string;
  readonly token: BlockToken;
  /** Labels of the reference links that it defines. */
  readonly defines: readonly string[];
}

export interface Lexed {
  readonly blocks: readonly LexedBlock[];
  /** The targets of reference links: those defined in the text; the given ones are its prototype. */
  readonly links: Links;
}

/** Has no prototype, so that a link named `constructor` is not defined. */
export const noLinks = (): Links => Object.create(null) as Links;

/**
 * Lexes whole blocks of a text with `\n` line ends. The `raw` texts of all blocks, joined, are the source.
 * @param isGrowing more text may follow: constructs that are open at the end stay undecided
 */
export function lexBlocks(source: string, links: Links = noLinks(), isGrowing = false): Lexed {
  // Inherits from the given links: a text may define thousands, and copying them for each block took minutes.
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

/** The tokens of each top-level block. */
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

/** The offset of each line. */
export function lineOffsets(source: string): number[] {
  const offsets = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) offsets.push(at + 1);
  return offsets;
}

const labelsIn = (tokens: readonly Token[]): string[] =>
  tokens.flatMap(({ type, meta }) => (type === 'reference_definition' ? [String(meta?.['label'])] : []));
