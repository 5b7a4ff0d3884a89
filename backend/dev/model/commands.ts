/** The commands that a message can give to the local model; `backend/dev/README.md` lists them. */
export type Command =
  | { readonly name: 'answer'; readonly tokensPerSecond: number; readonly question: string }
  | { readonly name: 'long'; readonly sections: number; readonly tokensPerSecond: number; readonly question: string }
  | { readonly name: 'echo'; readonly text: string; readonly tokensPerSecond: number }
  | { readonly name: 'count'; readonly upTo: number; readonly tokensPerSecond: number }
  | { readonly name: 'error'; readonly status: number }
  | {
      readonly name: 'stall' | 'reset' | 'truncate' | 'limit';
      readonly afterTokens: number;
      readonly question: string;
    };

const USUAL_RATE = 35;
const SLOW_RATE = 4;
const FAST_RATE = 1_000;
const MAX_RATE = 100_000;
const MAX_COUNT = 1_000_000;

/** Reads the command at the start of a message. A message without a known command is a question. */
export function readCommand(message: string): Command {
  const [, word = '', rest = ''] = /^\s*\/(\w+)(?:\s+([\s\S]*))?$/.exec(message) ?? [];
  const [first, second] = rest.split(/\s+/).filter(Boolean).map(Number);
  switch (word) {
    case 'slow':
      return { name: 'answer', tokensPerSecond: SLOW_RATE, question: rest };
    case 'fast':
      return { name: 'answer', tokensPerSecond: FAST_RATE, question: rest };
    case 'long': {
      const question = rest.replace(/^\d+\s*/, '');
      return { name: 'long', sections: within(first, 1, 1_000, 20), tokensPerSecond: FAST_RATE, question };
    }
    case 'echo':
      return { name: 'echo', text: rest, tokensPerSecond: USUAL_RATE };
    case 'count': {
      const tokensPerSecond = within(second, 1, MAX_RATE, USUAL_RATE);
      return { name: 'count', upTo: within(first, 1, MAX_COUNT, 100), tokensPerSecond };
    }
    case 'error':
      return { name: 'error', status: within(first, 400, 599, 500) };
    case 'stall':
    case 'reset':
    case 'truncate':
    case 'limit':
      return { name: word, afterTokens: within(first, 0, MAX_COUNT, 20), question: rest.replace(/^\d+\s*/, '') };
    default:
      return { name: 'answer', tokensPerSecond: USUAL_RATE, question: message };
  }
}

function within(value: number | undefined, least: number, most: number, fallback: number): number {
  if (value === undefined || !Number.isFinite(value)) return fallback;
  return Math.min(most, Math.max(least, Math.trunc(value)));
}
