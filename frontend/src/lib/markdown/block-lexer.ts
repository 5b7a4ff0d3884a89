import { Lexer, type Links, Marked, type TokensList } from 'marked';
import { displayFormula, inlineFormula } from './formula.extension.ts';
import { known, type KnownToken } from './token.types.ts';

const marked = new Marked(
  { gfm: true },
  {
    extensions: [displayFormula, inlineFormula],
    tokenizer: {
      // Models write "~5 minutes" for "about": only a double tilde strikes out. `false` asks for marked's own rule.
      del: (source) => (source.startsWith('~~') ? false : undefined),
    },
  },
);

/**
 * Marked's lexer, but a block never depends on those before it: an `<a>` left open would otherwise keep later blocks
 * from linking addresses, and a text lexed in pieces would differ from the same text lexed whole.
 */
class BlockLexer extends Lexer {
  override lex(source: string): TokensList {
    this.blockTokens(source, this.tokens);
    for (const entry of this.inlineQueue) {
      this.state.inLink = false;
      this.state.inRawBlock = false;
      this.inlineTokens(entry.src, entry.tokens);
    }
    this.inlineQueue = [];
    return this.tokens;
  }
}

export interface Lexed {
  readonly tokens: readonly KnownToken[];
  /** Where reference links lead: the ones given and the ones defined in the text. */
  readonly links: Links;
}

/**
 * Lexes whole blocks; lines end in `\n` alone. The `raw` of all tokens together is the source.
 * Text that nests deeper than the stack reaches comes back as it is, in one paragraph.
 */
export function lexBlocks(source: string, links: Links = {}): Lexed {
  const lexer = new BlockLexer(marked.defaults);
  lexer.tokens.links = copyOf(links);
  try {
    const tokens = lexer.lex(source);
    return { tokens: known(tokens), links: tokens.links };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { tokens: [verbatim(source)], links: copyOf(links) };
  }
}

/** Without a prototype, as marked has it: a link named `constructor` is not defined by being an object's property. */
const copyOf = (links: Links): Links => Object.assign(Object.create(null) as Links, links);

const verbatim = (source: string): KnownToken => ({
  type: 'paragraph',
  raw: source,
  text: source,
  tokens: [{ type: 'text', raw: source, text: source, escaped: true }],
});
