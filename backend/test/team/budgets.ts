import type { Budget, OwnBudget, UserState } from '../../src/protocol/index.js';
import { userStream } from '../../src/protocol/index.js';
import type { TestClient } from '../support/test-client.js';
import type { TestPerson, TestServer } from '../support/test-server.js';

/** Tokens for a day. */
export const tokens = (day: number | null, month: number | null = null): Budget => ({ unit: 'tokens', day, month });
/** Millionths of the currency for a day. */
export const money = (day: number | null, month: number | null = null): Budget => ({ unit: 'money', day, month });

/** The usage that a scripted reply reports. */
export const used = (prompt_tokens: number, completion_tokens: number) => ({
  usage: { prompt_tokens, completion_tokens },
});

/** Sets budgets as the page for admins does. `subject` is `roles/user` or `people/<id>`. */
export const putBudget = (server: TestServer, admin: TestPerson, subject: string, body: unknown): Promise<Response> =>
  server.fetch(`/api/admin/budgets/${subject}`, admin, { method: 'PUT', body: JSON.stringify(body) });

export async function setBudget(
  server: TestServer,
  admin: TestPerson,
  subject: string | TestPerson,
  budget: Budget | null,
): Promise<void> {
  const path = typeof subject === 'string' ? `roles/${subject}` : `people/${subject.userId}`;
  const response = await putBudget(server, admin, path, { budget });
  if (response.status !== 200) throw new Error(await response.text());
}

/** What a person sees on the profile page. */
export async function budgetOf(server: TestServer, person: Pick<TestPerson, 'token'>): Promise<OwnBudget> {
  const response = await server.fetch('/api/budget', person);
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as OwnBudget;
}

/** Until when the page of a user says that messages are refused, in a tab that opens now. */
export async function refusedUntil(tab: TestClient, { userId }: TestPerson): Promise<number | undefined> {
  const result = await tab.subscribe(userStream(userId));
  if (result.mode !== 'snapshot') throw new Error('expected a snapshot');
  return (result.state as UserState).user.budgetResetsAt;
}
