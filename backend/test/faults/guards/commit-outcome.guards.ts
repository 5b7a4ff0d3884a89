import type { Guard } from './guard.js';

/** What determines the outcome of a commit that was not answered. */
export const COMMIT_OUTCOME_GUARDS: readonly Guard[] = [
  {
    name: 'lookup of the outcome of an unanswered commit',
    patches: [
      { file: 'src/database/transactions/commit-outcome.js', find: 'if (!transaction.proof)', replace: 'if (true)' },
    ],
    noticedBy: ['25 commits of messages are not answered', 'SQLite reports commits as failed, carried out or not'],
  },
  {
    name: 'late calls of commit listeners',
    databases: ['postgresql'],
    patches: [
      { file: 'src/database/transactions/commit-outcome.js', find: 'transaction.committed();', replace: 'undefined;' },
    ],
    noticedBy: ['25 commits of messages are not answered'],
  },
  {
    name: 'a lookup prevents a commit that may still arrive',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/streams/log/commit-marks.statements.js',
        find: `insert into journal (process, n, at, data) values ($1, $2, $3, '[ ]')
    on conflict (process, n) do update set at = journal.at returning data = '[]' as committed`,
        replace: 'select exists (select 1 from journal where process = $1 and n = $2 and at = $3) as committed',
      },
    ],
    noticedBy: ['25 commits of messages are not answered', '25 commits of ends are not answered'],
  },
  {
    name: 'lookup of a journal row whose commit was not answered',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/streams/journal/postgres-journal.js',
        find: 'await this.settle();',
        replace: '{ this.isDoubtful = false; this.next += 1; this.attempted.clear(); }',
      },
    ],
    noticedBy: ['25 commits of deltas are not answered'],
  },
];
