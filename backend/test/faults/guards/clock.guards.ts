import type { Guard } from './guard.js';

const DATABASE_CLOCK = "PostgreSQL's clock is set ten minutes forward or back, and then one of two processes dies";
const TWO_CLOCKS = 'the clock of one of two processes is set, during an answer, a lease and a refresh';

/** What makes the server independent of clock changes, and serialises concurrent starts. */
export const CLOCK_GUARDS: readonly Guard[] = [
  {
    name: 'expiry of tokens by a monotonic clock',
    patches: [
      {
        file: 'src/auth/sessions/access-tokens.js',
        find: 'goodUntil: performance.now() + expiresAt - this.clock.now()',
        replace: 'goodUntil: expiresAt',
      },
      {
        file: 'src/auth/sessions/access-tokens.js',
        find: 'known.goodUntil > performance.now()',
        replace: 'known.goodUntil > Date.now()',
      },
      {
        file: 'src/auth/sessions/roles.guard.js',
        find: 'session.goodUntil > performance.now()',
        replace: 'session.goodUntil > Date.now()',
      },
      {
        file: 'src/realtime/sockets/alarms.js',
        find: 'constructor(now = performance.now())',
        replace: 'constructor(now = Date.now())',
      },
      {
        file: 'src/realtime/sockets/socket-clocks.js',
        find: 'look(now = performance.now())',
        replace: 'look(now = Date.now())',
      },
    ],
    noticedBy: ['the clock goes an hour forward during an answer'],
  },
  {
    name: 'grace period of a refresh by a monotonic clock',
    databases: ['sqlite'],
    patches: [{ file: 'src/auth/sessions/sessions.js', find: ' && !this.hasJustRotated(id)', replace: '' }],
    noticedBy: ['the clock is set while a session is refreshed'],
  },
  {
    name: "timestamps by the database's clock",
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/database.js',
        find: 'await this.clock.start(',
        replace: 'await void (',
      },
    ],
    noticedBy: [TWO_CLOCKS],
  },
  {
    name: "presence by the database's clock",
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/users/presence/presence-rows.js',
        find: 'const { em } = transaction;\n    const stale',
        // As if the process used its own time of day.
        replace: 'const { em } = transaction;\n    deadAfterMs -= Date.now() - transaction.at;\n    const stale',
      },
    ],
    noticedBy: [TWO_CLOCKS],
  },
  {
    name: 'a second look at expired leases',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/chat/runs/reaper.service.js',
        find: 'await delay(RENEWED_WITHIN_MS, undefined, { ref: false })',
        replace: 'await undefined',
      },
    ],
    noticedBy: [DATABASE_CLOCK],
  },
  {
    name: 'leases from before the clock was set back',
    databases: ['postgresql'],
    patches: [
      { file: 'src/chat/runs/lease.js', find: ' || leftMs > LEASE_MS', replace: '' },
      {
        file: 'src/chat/runs/lease.statements.js',
        find: ' or lease_until > ${POSTGRES_NOW} + $1::int)',
        replace: ' and $1::int > 0)',
      },
    ],
    noticedBy: [DATABASE_CLOCK],
  },
  {
    name: 'serialised starts of one conversation',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/chat/sending/branch-point.js',
        find: 'await transaction.all(LOCK_NAME, [conversationStream(id)]);',
        replace: '',
      },
    ],
    noticedBy: ['two tabs on two processes begin one conversation at once'],
  },
  {
    name: 'serialised starts of runs of one user',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/chat/sending/idempotency.js',
        find: 'await transaction.all(LOCK_NAME, [`starts:${userId}`]);',
        replace: 'return;',
      },
    ],
    noticedBy: ['more replies than allowed are started at once on two processes'],
  },
];
