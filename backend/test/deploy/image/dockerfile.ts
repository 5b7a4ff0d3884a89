import { readFileSync } from 'node:fs';

export const DOCKERFILE = readFileSync('Dockerfile', 'utf8');

export interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** The instructions of each stage, without comments. */
export function stages(text = DOCKERFILE): readonly (readonly Instruction[])[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter(Boolean);
  const found: Instruction[][] = [];
  for (const line of lines) {
    const [, name = '', value = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') found.push([]);
    found.at(-1)?.push({ name, value });
  }
  return found;
}

/** The values of an instruction in the stage that becomes the image. */
export const valuesOf = (name: string): string[] =>
  (stages().at(-1) ?? []).filter((one) => one.name === name).map(({ value }) => value);

/** The words of an instruction in JSON, such as `CMD ["node"]`. */
export const wordsOf = (name: string): string[] => {
  const [value = ''] = valuesOf(name);
  return JSON.parse(value.slice(value.indexOf('['))) as string[];
};
