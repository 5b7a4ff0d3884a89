import type { LogOutput } from '../../../src/common/log-output.js';

/** Keeps what a server logs from now on, instead of writing it. */
export function keepLines(output: LogOutput): string[] {
  const lines: string[] = [];
  output.stream.write = (line: string): boolean => {
    lines.push(line);
    return true;
  };
  return lines;
}
