import { ModelError } from '../model-error.js';

const MAX_LENGTH = 8_000_000;

/**
 * Parses the body of an answer that is not the requested event stream: one JSON document, or one on each line. The
 * first line shows which.
 */
export class CompletionDocument {
  private rest = '';
  private hasLines: boolean | undefined;
  private readonly first: string[] = [];

  /** Whether the body was a single complete completion, which needs no finish reason to count as complete. */
  get isWhole(): boolean {
    const [only, ...others] = this.first;
    if (only === undefined || others.length > 0) return false;
    const choices: unknown = Reflect.get(documentIn(only) ?? {}, 'choices');
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    return typeof choice === 'object' && choice !== null && ('message' in choice || 'text' in choice);
  }

  /**
   * Adds text and returns the documents that it completes.
   * @throws ModelError when a document is longer than 8 million UTF-16 units
   */
  push(text: string): readonly string[] {
    this.rest += text;
    if (this.rest.length > MAX_LENGTH) throw new ModelError('model_bad_response');
    if (this.hasLines === false || !text.includes('\n')) return [];
    const lines = this.rest.split('\n');
    const rest = lines.pop() ?? '';
    const documents = lines.map(plain).filter(Boolean);
    const [first] = documents;
    if (first !== undefined) this.hasLines ??= documentIn(first) !== undefined;
    if (!this.hasLines) return [];
    this.rest = rest;
    return this.keep(documents);
  }

  /** The rest at the end of the body: a whole document, or the last of several. */
  end(): readonly string[] {
    return this.keep([plain(this.rest)].filter(Boolean));
  }

  private keep(documents: readonly string[]): readonly string[] {
    if (this.first.length < 2) this.first.push(...documents.slice(0, 2));
    return documents;
  }
}

const plain = (data: string): string => data.replace(/^\ufeff/, '').trim();

function documentIn(data: string): object | undefined {
  try {
    const document: unknown = JSON.parse(data);
    return typeof document === 'object' && document !== null ? document : undefined;
  } catch {
    // Incomplete or not JSON: `readEvent` reports that.
    return undefined;
  }
}
