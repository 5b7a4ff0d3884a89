import type { Guard } from './guard.js';

/** What makes the server tolerate its machine: disk, memory, unread logs, first starts and restored copies. */
export const HOST_GUARDS: readonly Guard[] = [
  {
    name: 'bounded buffer for an unread log',
    patches: [{ file: 'src/common/log-output.js', find: 'maxLength: MAX_WAITING_BYTES,', replace: '' }],
    noticedBy: ['standard output is not read'],
  },
  {
    name: 'time limit for writing the log at the end',
    patches: [
      {
        file: 'src/common/log-output.js',
        find: 'this.endsAt === undefined || performance.now() < this.endsAt',
        replace: 'true',
      },
    ],
    noticedBy: ['standard output is not read'],
  },
  {
    name: 'unhandled errors do not end the process at once',
    patches: [{ file: 'src/main.js', find: '    stopOnFault(server, config);\n    greet', replace: '    greet' }],
    noticedBy: ['an unhandled rejection during answers'],
  },
  {
    name: 'retries of locks at the start',
    databases: ['sqlite'],
    patches: [
      {
        file: 'src/database/sqlite/lock-patience.js',
        find: "classifyDatabaseError(error) !== 'conflict' ||",
        replace: 'true ||',
      },
    ],
    noticedBy: ['the database is locked for 2 s while the server starts'],
  },
  {
    name: 'checkpoints beside the writer',
    databases: ['sqlite'],
    patches: [
      { file: 'src/database/sqlite/sqlite-checkpoints.js', find: 'if (length > LOG_BYTES) {', replace: 'if (false) {' },
    ],
    noticedBy: ['another program reads the file and does not end'],
  },
  {
    name: 'readiness checked by a write',
    databases: ['sqlite'],
    patches: [{ file: 'src/database/probes/database-probe.js', find: 'return this.sqlite?.refusal();', replace: '' }],
    noticedBy: ['the database is locked for 8 s by another process'],
  },
  {
    name: 'a restore begins a new epoch',
    databases: ['sqlite'],
    patches: [{ file: 'src/database/backup/sqlite-restore.js', find: 'beginEpoch(staged);', replace: '' }],
    noticedBy: ['an older copy is put back under open tabs'],
  },
  {
    name: 'serialised first starts',
    databases: ['postgresql'],
    patches: [
      { file: 'src/database/migrating/migrate.js', find: 'underAdvisoryLock(orm, () => up(orm))', replace: 'up(orm)' },
    ],
    noticedBy: ['two first starts at once'],
  },
];
