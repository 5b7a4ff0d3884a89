import { readCommand } from './commands.js';

const MAX_WORDS = 6;
/** Words that often start a question and are left out of its title. */
const OPENINGS =
  /^(?:please|can you|could you|would you|tell me|show me|explain|describe|write|what (?:is|are)|how (?:do|does|can|to)|why (?:is|are|do|does)|i want to|i need)\s+(?:me\s+|i\s+|you\s+)?(?:about\s+|to\s+)?/i;

/** Makes a title from the first message of a conversation: its first words, without those that only mark a question. */
export function titleFor(conversation: string): string {
  const firstMessage = conversation.replace(/^user:\s*/, '').split(/\n\nassistant: /)[0] ?? '';
  const command = readCommand(firstMessage);
  const subject = 'question' in command ? command.question : firstMessage;
  const line =
    subject
      .replace(/^\/\w+\s*/, '')
      .split('\n')
      .find((candidate) => candidate.trim() !== '') ?? '';
  const words = line.trim().replace(OPENINGS, '').split(/\s+/).filter(Boolean);
  const title = words
    .slice(0, MAX_WORDS)
    .join(' ')
    .replace(/[\s?!.,;:…]+$/u, '');
  return title ? title.charAt(0).toUpperCase() + title.slice(1) : 'New conversation';
}
