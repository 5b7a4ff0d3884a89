import type { Block, BlockToken, Cell, InlineToken, ListItem } from '../token.types.ts';

/** Characters that cost the page about as much as one element. */
const CHARACTERS_A_UNIT = 25;
/** KaTeX makes dozens of elements of a formula. */
const FORMULA_UNITS = 10;
/** A frame with buttons. */
const FRAME_UNITS = 15;

/** Units that may still be drawn: one per element, and one per 25 characters. Below zero once it is used up. */
export interface Budget {
  left: number;
}

/**
 * The first part of these blocks that `budget` allows. Blocks that are complete are the same objects, so that the page
 * does not update them when more is drawn; text is never cut, except in blocks of unlimited length.
 */
export const beginningOf = (blocks: readonly Block[], budget: Budget): readonly Block[] =>
  some(blocks, budget, (block) => {
    const token = blockBeginning(block.token, budget);
    return token === block.token ? block : { ...block, token };
  });

/** The parts that are reached before the budget is used up. */
function some<Part>(parts: readonly Part[], budget: Budget, draw: (part: Part) => Part): readonly Part[] {
  const drawn: Part[] = [];
  for (const part of parts) {
    if (budget.left <= 0) break;
    budget.left -= 1;
    drawn.push(draw(part));
  }
  return drawn.length === parts.length && drawn.every((part, at) => part === parts[at]) ? parts : drawn;
}

/** `whole` with one of its part lists shortened, or `whole` itself if that list is complete. */
const having = <Whole, Key extends keyof Whole>(whole: Whole, key: Key, parts: Whole[Key]): Whole =>
  whole[key] === parts ? whole : { ...whole, [key]: parts };

const blocksOf = (tokens: readonly BlockToken[], budget: Budget): readonly BlockToken[] =>
  some(tokens, budget, (token) => blockBeginning(token, budget));

function blockBeginning(token: BlockToken, budget: Budget): BlockToken {
  switch (token.type) {
    case 'paragraph':
    case 'heading':
      return having(token, 'tokens', inlineOf(token.tokens, budget));
    case 'list':
      return having(token, 'items', itemsOf(token.items, budget));
    case 'footnote':
      budget.left -= FRAME_UNITS;
      return having(token, 'tokens', blocksOf(token.tokens, budget));
    case 'blockquote':
      return having(token, 'tokens', blocksOf(token.tokens, budget));
    case 'table': {
      const headed = having(token, 'header', cellsOf(token.header, budget));
      return having(
        headed,
        'rows',
        some(token.rows, budget, (row) => cellsOf(row, budget)),
      );
    }
    case 'details': {
      const headed = token.summary ? having(token, 'summary', inlineOf(token.summary, budget)) : token;
      const filled = having(headed, 'tokens', blocksOf(token.tokens, budget));
      return having(filled, 'after', blocksOf(token.after, budget));
    }
    case 'formula':
      budget.left -= FORMULA_UNITS + token.text.length / CHARACTERS_A_UNIT;
      return token;
    case 'code':
      budget.left -= FRAME_UNITS;
      return codeBeginning(token, budget);
    case 'plain':
    case 'html':
      return having(token, 'text', textBeginning(token.text, budget));
    case 'cut': {
      const shown = having(token, 'shown', blockBeginning(token.shown, budget));
      return having(shown, 'rest', textBeginning(token.rest, budget));
    }
    case 'hr':
    case 'nothing':
      return token;
  }
}

const itemsOf = (items: readonly ListItem[], budget: Budget): readonly ListItem[] =>
  some(items, budget, (item) => having(item, 'tokens', blocksOf(item.tokens, budget)));

const cellsOf = (cells: readonly Cell[], budget: Budget): readonly Cell[] =>
  some(cells, budget, (cell) => having(cell, 'tokens', inlineOf(cell.tokens, budget)));

const inlineOf = (tokens: readonly InlineToken[], budget: Budget): readonly InlineToken[] =>
  some(tokens, budget, (token) => {
    if ('tokens' in token) return having(token, 'tokens', inlineOf(token.tokens, budget));
    if (token.type === 'formula') budget.left -= FORMULA_UNITS;
    if ('text' in token) budget.left -= token.text.length / CHARACTERS_A_UNIT;
    return token;
  });

/** Code keeps its whole text for copying and highlighting; `drawn` is the number of characters that are shown. */
function codeBeginning(token: Extract<BlockToken, { type: 'code' }>, budget: Budget): BlockToken {
  const drawn = textBeginning(token.text, budget).length;
  return drawn === token.text.length ? token : { ...token, drawn };
}

function textBeginning(text: string, budget: Budget): string {
  const units = text.length / CHARACTERS_A_UNIT;
  const end = Math.ceil(Math.max(0, budget.left) * CHARACTERS_A_UNIT);
  budget.left = units <= budget.left ? budget.left - units : Math.min(0, budget.left);
  if (end >= text.length) return text;
  // At a line end if there is one: otherwise the line would wrap differently once its rest is drawn.
  const line = text.lastIndexOf('\n', end);
  return text.slice(0, line > end / 2 ? line : end);
}
