import MarkdownIt, { type Env, type MarkdownIt as Parser } from 'markdown-it';
import cjkFriendly from 'markdown-it-cjk-friendly';
import { autolinks } from './autolink.rule.ts';
import { limits, MAX_NESTING } from './limits.rule.ts';
import { details } from './details.rule.ts';
import { fences } from './fence.rule.ts';
import { footnotes } from './footnote.rule.ts';
import { formulas } from './formula.rule.ts';

/** What the rules know about the whole text. */
export interface ParserEnv extends Env {
  /** The targets of reference links, by normalised label; grows while a text is parsed. */
  references: Record<string, { title: string; href: string }>;
  /** More text may follow: constructs that are open at the end stay undecided. */
  isGrowing: boolean;
  /** Parses a nested text: elements with blocks inside are parsed separately. */
  depth: number;
}

/**
 * CommonMark with tables, strikethrough and bare URLs (GFM), emphasis for East Asian text, formulas, footnotes and
 * `<details>`. markdown-it was chosen because its running time is linear in the length of the text.
 */
export const parser: Parser = new MarkdownIt('default', {
  html: true,
  linkify: false,
  typographer: false,
  maxNesting: MAX_NESTING,
})
  .use(cjkFriendly)
  .use(autolinks)
  .use(formulas)
  .use(footnotes)
  .use(details)
  .use(fences)
  .use(limits);

// Which URLs are allowed is decided when a link is drawn (link-address.ts), from the URL as written.
parser.validateLink = () => true;
parser.normalizeLink = (address) => address;
parser.normalizeLinkText = (address) => address;
