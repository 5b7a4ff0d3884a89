import MarkdownIt, { type Env, type MarkdownIt as Parser } from 'markdown-it';
import cjkFriendly from 'markdown-it-cjk-friendly';
import { autolinks } from './autolink.rule.ts';
import { limits, MAX_NESTING } from './limits.rule.ts';
import { details } from './details.rule.ts';
import { fences } from './fence.rule.ts';
import { footnotes } from './footnote.rule.ts';
import { formulas } from './formula.rule.ts';

/** What the rules know of the text as a whole. */
export interface ParserEnv extends Env {
  /** Where reference links lead, by their normalised labels; grows while a text is parsed. */
  references: Record<string, { title: string; href: string }>;
  /** More text may follow: what its end leaves open is not decided. */
  isGrowing: boolean;
  /** Texts within a text: an element that holds blocks is parsed by itself. */
  depth: number;
}

/**
 * CommonMark with tables, strikethrough and bare addresses (GFM), emphasis that knows East Asian writing, formulas,
 * footnotes and `<details>`. It was chosen for being linear: no text makes it go over itself again and again.
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

// Where a link may lead is decided where it is drawn (link-address.ts), and it is drawn as it was written.
parser.validateLink = () => true;
parser.normalizeLink = (address) => address;
parser.normalizeLinkText = (address) => address;
