import type { Evidence, MessageRow, SentMessage, Violation } from './recording.js';

/** `L6`, and the model's numbered tokens: one message and one call per command, and a prefix of one answer. */
export function checkCommands(evidence: Evidence): readonly Violation[] {
  return evidence.sent.flatMap((sent) => [...checkOnce(evidence, sent), ...checkAnswer(evidence, sent)]);
}

const questionsOf = ({ rows }: Evidence, { question }: SentMessage): readonly MessageRow[] =>
  rows.messages.filter(({ role, text }) => role === 'user' && text === question);

function checkOnce(evidence: Evidence, sent: SentMessage): readonly Violation[] {
  const violations: Violation[] = [];
  const add = (detail: string): unknown => violations.push({ rule: 'L6', detail: `"${sent.question}" ${detail}` });
  const questions = questionsOf(evidence, sent);
  const isDeleted = evidence.rows.events.some(
    ({ stream, type }) => stream === sent.stream && type === 'conversation.deleted',
  );
  if (questions.length > 1) add(`was stored ${questions.length} times`);
  if (sent.asked > sent.attempts) add(`was asked of the model ${sent.asked} times instead of ${sent.attempts}`);
  const ids = new Set(sent.acknowledged.map(({ messageId, runId }) => `${messageId} ${runId}`));
  if (ids.size > 1) add(`was acknowledged as ${ids.size} different messages`);
  const [first] = sent.acknowledged;
  if (first && !isDeleted && !questions.some(({ id }) => id === first.messageId)) add('was acknowledged and is gone');
  return violations;
}

function checkAnswer(evidence: Evidence, sent: SentMessage): readonly Violation[] {
  const violations: Violation[] = [];
  for (const { id, runId } of questionsOf(evidence, sent)) {
    const reply = evidence.rows.messages.find((row) => row.role === 'assistant' && row.runId === runId);
    if (!reply) {
      violations.push({ rule: 'L6', detail: `message ${id} has no reply` });
      continue;
    }
    if (!sent.planned.startsWith(reply.text)) {
      violations.push({
        rule: 'L3',
        detail: `the reply "${excerpt(reply.text)}" is no beginning of what the model said`,
      });
    }
    if (reply.status === 'completed' && reply.text.length !== sent.planned.length) {
      violations.push({
        rule: 'L3',
        detail: `a completed reply of ${reply.text.length} units, not ${sent.planned.length}`,
      });
    }
    if (sent.expected !== undefined && reply.status !== sent.expected) {
      violations.push({ rule: 'L5', detail: `the reply ended ${reply.status}, not ${sent.expected}` });
    }
  }
  return violations;
}

const excerpt = (text: string): string => (text.length > 80 ? `${text.slice(0, 40)} ... ${text.slice(-40)}` : text);
