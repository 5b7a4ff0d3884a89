import type { Guard } from './guard.js';

/** What keeps a server going, and lets it stop, while its database does not answer. */
export const SILENCE_GUARDS: readonly Guard[] = [
  {
    name: 'silent connections are given up',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/postgres/limited-client.js',
        find: 'this.connection.stream.destroy(new NoAnswer(answerMs))',
        replace: 'undefined',
      },
    ],
    noticedBy: ['the connection of the replies goes silent'],
  },
  {
    name: 'locks of a silent process are freed',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/postgres/postgres-limits.js',
        find: 'set idle_in_transaction_session_timeout = ${idleInTransactionMs}',
        replace: 'set idle_in_transaction_session_timeout = 0',
      },
    ],
    noticedBy: ['a process freezes while it holds the lock of a row'],
  },
  {
    name: 'readiness checked by a commit',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/probes/database-probe.js',
        find: 'return this.postgres ? this.postgres.works() : this.orm.isConnected();',
        replace: 'return true;',
      },
    ],
    noticedBy: ['PostgreSQL takes connections and says nothing'],
  },
  {
    name: 'deltas do not wait for transactions',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/postgres/postgres-driver.js',
        find: 'const client = await this.singles.connect();',
        replace: 'const client = await (await this.getNativeClient()).connect();',
      },
    ],
    noticedBy: ['another session locks conversations until every transaction waits'],
  },
  {
    name: 'a locked reply does not delay others',
    databases: ['postgresql'],
    patches: [
      { file: 'src/streams/journal/journal.statements.js', find: 'for share skip locked', replace: 'for share' },
      {
        file: 'src/streams/journal/journal.statements.js',
        find: 'for no key update skip locked',
        replace: 'for no key update',
      },
    ],
    noticedBy: ['another session locks rows of a running reply for 4 s'],
  },
  {
    name: 'time limit for the shutdown',
    databases: ['postgresql'],
    patches: [
      { file: 'src/stop.js', find: 'killAfter(Math.min(drainMs + KILLED_AFTER_MS, LONGEST_TIMER_MS));', replace: '' },
      {
        file: 'src/stop.js',
        find: 'if (await within(limitMs, server.stop(drainMs)))',
        replace: 'await server.stop(drainMs); if (limitMs > 0)',
      },
      {
        file: 'src/chat/runs/runs.service.js',
        find: 'if (await within(END_WITHIN_MS, ended))',
        replace: 'if (await ended)',
      },
    ],
    noticedBy: ['SIGTERM while PostgreSQL is silent'],
  },
];
