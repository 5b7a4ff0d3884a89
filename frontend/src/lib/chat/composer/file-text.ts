import { MAX_TEXT_BYTES } from '#protocol';

/** The result of reading files for a message. */
export interface ReadFiles {
  /** The text of the readable files, as it goes into a message; empty if none is readable. */
  readonly text: string;
  /** Names of files that are not text or could not be read. */
  readonly refused: readonly string[];
  /** Names of files whose text is longer than a message may be. */
  readonly tooLong: readonly string[];
}

/** Prose is inserted as it is; any other text as a code block, which keeps its lines. */
const PROSE = /\.(?:txt|md|markdown|text)$/i;
const TEXT_TYPE = /^text\/|[/+](?:json|xml|yaml|javascript|typescript|csv)$/;

/** Reads the files whose text can be part of a message. There are no attachments. */
export async function readFiles(files: readonly File[]): Promise<ReadFiles> {
  const texts: string[] = [];
  const refused: string[] = [];
  const tooLong: string[] = [];
  for (const file of files) {
    if (file.size > MAX_TEXT_BYTES) {
      (TEXT_TYPE.test(file.type) ? tooLong : refused).push(file.name);
      continue;
    }
    const text = await textOf(file);
    if (text === undefined) refused.push(file.name);
    else texts.push(PROSE.test(file.name) ? text.trimEnd() : codeOf(file.name, text));
  }
  return { text: texts.join('\n\n'), refused, tooLong };
}

/** `undefined` for a file that is not UTF-8 text, and for what cannot be read, such as a folder. */
async function textOf(file: File): Promise<string | undefined> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return text.includes('\u0000') ? undefined : text.replaceAll('\r\n', '\n');
  } catch (error) {
    console.debug('This file holds no text', error);
    return undefined;
  }
}

function codeOf(name: string, text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), ([marks]) => marks.length));
  const fence = '`'.repeat(longest + 1);
  const language = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return `${name}:\n${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}
