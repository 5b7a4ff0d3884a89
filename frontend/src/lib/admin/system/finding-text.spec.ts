import { expect, it } from 'vitest';
import { commandParts, findingText } from './finding-text.ts';
import { SystemCheckRun } from './system-check.svelte.ts';

it('writes a finding with its values, and finds the commands in it', () => {
  const text = findingText({ id: 'migrations_pending', area: 'database', status: 'note', params: { count: 2_000 } });
  expect(text).toMatch(/^Pending migrations: 2,000\./);
  expect(commandParts('Run `npm run db:migrate`.')).toEqual([
    { text: 'Run ', isCommand: false },
    { text: 'npm run db:migrate', isCommand: true },
    { text: '.', isCommand: false },
  ]);
});

it('shows the areas with problems first, and keeps the order of the others', async () => {
  const finding = (area: string, status: string) => ({ id: 'node_ok', area, status, params: {} });
  const findings = [
    finding('server', 'ok'),
    finding('storage', 'note'),
    finding('model', 'ok'),
    finding('address', 'problem'),
  ];
  const check = new SystemCheckRun({
    post: <T>() => Promise.resolve({ at: 0, tookMs: 1, findings, settings: [] } as T),
  });
  await check.run();
  expect(check.areas.map(({ area }) => area)).toEqual(['address', 'storage', 'server', 'model']);
  expect(check.count('problem')).toBe(1);
});
