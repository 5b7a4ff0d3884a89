import type { Guard } from './guard.js';

/** What bears with the machine: its disk, its memory, the reader of its log, first starts and restored copies. */
export const HOST_GUARDS: readonly Guard[] = [
  {
    name: 'a log that nobody reads is bounded',
    patches: [{ file: 'src/common/log-output.js', find: 'maxLength: MAX_WAITING_BYTES,', replace: '' }],
    noticedBy: ['standard output is not read'],
  },
  {
    name: 'a log that nobody reads keeps no process from ending',
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
    name: 'errors that nobody waits for do not end the process at once',
    patches: [{ file: 'src/main.js', find: '    stopOnFault(server, config);\n    greet', replace: '    greet' }],
    noticedBy: ['a promise fails for nobody in the middle of answers'],
  },
  {
    name: 'patience with locks at the start',
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
    name: 'readiness by writing',
    databases: ['sqlite'],
    patches: [{ file: 'src/database/database.js', find: 'return this.writeProbe?.refusal();', replace: '' }],
    noticedBy: ['the database is locked for 8 s by another process'],
  },
  {
    name: 'a restore begins a new epoch',
    databases: ['sqlite'],
    patches: [{ file: 'src/database/backup/sqlite-restore.js', find: 'beginEpoch(staged);', replace: '' }],
    noticedBy: ['an older copy is put back under open tabs'],
  },
  {
    name: 'first starts take turns',
    databases: ['postgresql'],
    patches: [
      { file: 'src/database/migrating/migrate.js', find: 'underAdvisoryLock(orm, () => up(orm))', replace: 'up(orm)' },
    ],
    noticedBy: ['two first starts at once'],
  },
];
