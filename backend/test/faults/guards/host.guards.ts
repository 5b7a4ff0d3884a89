import type { Guard } from './guard.js';

/** What bears with the machine: its disk, its memory, and the reader of its log. */
export const HOST_GUARDS: readonly Guard[] = [
  {
    name: 'a log that nobody reads is bounded',
    patches: [{ file: 'src/edge/log-output.js', find: 'maxLength: MAX_WAITING_BYTES,', replace: '' }],
    noticedBy: ['standard output is not read'],
  },
  {
    name: 'a log that nobody reads keeps no process from ending',
    patches: [
      {
        file: 'src/edge/log-output.js',
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
        file: 'src/database/lock-patience.js',
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
      { file: 'src/database/sqlite-checkpoints.js', find: 'if (length > LOG_BYTES) {', replace: 'if (false) {' },
    ],
    noticedBy: ['another program reads the file and does not end'],
  },
];
