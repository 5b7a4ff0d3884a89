import type { Guard } from './guard.js';

/** What finds out about a commit that was not answered. */
export const COMMIT_OUTCOME_GUARDS: readonly Guard[] = [
  {
    name: 'the proof of a commit that was not answered',
    patches: [
      { file: 'src/database/transactions/commit-outcome.js', find: 'if (!transaction.proof)', replace: 'if (true)' },
    ],
    noticedBy: [
      '25 commits of messages are not answered',
      'SQLite says of commits that they have failed, whether or not they have',
    ],
  },
  {
    name: 'what follows a commit follows it late',
    databases: ['postgresql'],
    patches: [
      { file: 'src/database/transactions/commit-outcome.js', find: 'transaction.committed();', replace: 'undefined;' },
    ],
    noticedBy: ['25 commits of messages are not answered'],
  },
  {
    name: 'a proof takes the place of a commit that may still come',
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
    name: 'a row of the journal whose commit was not answered is looked for',
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
