/** The types of content parts that are shown; thoughts, images and tool calls are not. */
const SPOKEN: ReadonlySet<unknown> = new Set([undefined, 'text', 'output_text', 'refusal']);

/**
 * The text of a `content` in any of its forms: a string, a list of parts and strings, or a single part. Empty for
 * everything else.
 */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(textOf).join('');
  if (typeof content !== 'object' || content === null) return '';
  const { type, text, refusal } = content as Record<string, unknown>;
  if (!SPOKEN.has(type)) return '';
  return typeof text === 'string' ? text : typeof refusal === 'string' ? refusal : '';
}
