import { parseArgs } from 'node:util';

export interface SpeedOptions {
  readonly rounds: number;
  /** Rounds that would end later are left out. */
  readonly minutes: number;
  /** Prefixes of row keys; all rows without any. */
  readonly only: readonly string[];
  /** Numbers of concurrent answers with their own rows. */
  readonly answers: readonly number[];
  readonly sockets: number;
  /** Whether to write the table into bench/README.md. */
  readonly write: boolean;
}

const numbers = (text: string): number[] => text.split(',').map(Number);

/**
 * @param defaults values of options that are not given
 * @throws TypeError for an unknown option or an invalid number
 */
export function readOptions(args: readonly string[], defaults: { readonly sockets?: number } = {}): SpeedOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      minutes: { type: 'string', default: '10' },
      only: { type: 'string', default: '' },
      answers: { type: 'string', default: '50,200' },
      sockets: { type: 'string', default: String(defaults.sockets ?? 1_000) },
      write: { type: 'boolean', default: false },
    },
  });
  const options = {
    rounds: Number(values.rounds),
    minutes: Number(values.minutes),
    only: values.only.split(',').filter(Boolean),
    answers: numbers(values.answers),
    sockets: Number(values.sockets),
    write: values.write,
  };
  const given = [options.rounds, options.minutes, options.sockets, ...options.answers];
  if (!given.every((number) => Number.isInteger(number) && number > 0)) throw new TypeError('A number is 1 or more');
  return options;
}
