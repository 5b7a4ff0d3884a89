import { stripVTControlCharacters } from 'node:util';

/** How programs begin the line that says why they failed. */
const REASON = /^(?:E:|[\w.]*error\b.*?:|.*?: error while loading)\s*(.+)$/i;

/** The line of a program's output that says why it failed, as the end of a sentence: its first complaint, or its last line. */
export function lastWords(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const complaint = lines.find((line) => REASON.test(line)) ?? lines.at(-1) ?? 'it said nothing';
  return complaint.replace(/^(E|[A-Z]\w*Error|Error):\s*/, '').replace(/\.$/, '');
}
