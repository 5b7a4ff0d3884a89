import { CODE_ANSWERS } from './answers.code.js';
import { GENERAL_ANSWERS } from './answers.general.js';

/** A written answer; together the answers use every kind of Markdown that the page renders. */
export interface Answer {
  /** Matches the words of questions that this answer fits; global, so that matches can be counted. */
  readonly topics: RegExp;
  readonly text: string;
}

const ANSWERS: readonly Answer[] = [...CODE_ANSWERS, ...GENERAL_ANSWERS];
const MAX_QUOTE_LENGTH = 280;

const NOTICE =
  '> **This is the local model, not a language model.** Set `OPENAI_API_KEY` and restart the server to talk to a real one.';

/** Chooses an answer; the same question always gets the same one. */
export function answerTo(question: string): string {
  return `${NOTICE}\n\nYou asked:\n\n${quote(question)}\n\n${pick(question).text.trim()}\n`;
}

/** An answer with the given number of sections, for testing long messages. */
export function longAnswerTo(question: string, sections: number): string {
  const parts = Array.from({ length: sections }, (_, index) => {
    const { text } = ANSWERS[index % ANSWERS.length] ?? pick(question);
    return `# Part ${index + 1} of ${sections}\n\n${text.trim()}`;
  });
  return `${NOTICE}\n\n${parts.join('\n\n---\n\n')}\n`;
}

/** The answer with the most matching words; a hash of the question decides between equal ones. */
function pick(question: string): Answer {
  const scores = ANSWERS.map(({ topics }) => question.match(topics)?.length ?? 0);
  const best = Math.max(...scores);
  const choice = best > 0 ? ANSWERS.filter((_answer, index) => scores[index] === best) : GENERAL_ANSWERS;
  const answer = choice[hash(question) % choice.length];
  if (!answer) throw new Error('there are no answers');
  return answer;
}

function quote(question: string): string {
  const text = question.trim().slice(0, MAX_QUOTE_LENGTH).toWellFormed();
  const lines = (text === '' ? '(nothing)' : text).split('\n');
  if (question.trim().length > MAX_QUOTE_LENGTH) lines.push('…');
  return lines.map((line) => `> ${line}`).join('\n');
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
