import type { Guard } from './guard.js';

/** What makes processes notice each other's commits, with or without the bus. */
export const BUS_GUARDS: readonly Guard[] = [
  {
    name: 'periodic look into the log beside the bus',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/realtime/revalidation.service.js',
        find: 'if (mayHaveMoved)\n            await this.broadcaster.catchUp();',
        replace: '',
      },
    ],
    noticedBy: ['no bus between two processes', 'NOTIFY between two processes is killed and restarted empty'],
  },
  {
    name: 'order of events of several processes',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/realtime/delivery/stream-order.js',
        find: 'if (firstSeq <= published + 1 || isRead) {',
        replace: 'if (true) {',
      },
    ],
    noticedBy: [
      'NOTIFY between two processes takes 2 s for each command',
      'NOTIFY between two processes is killed and restarted empty',
    ],
  },
  {
    name: 'detection of a silent bus',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/streams/bus/lasting-connection.js',
        find: 'this.timer = setTimeout(() => {\n            within(',
        replace: 'this.timer = setTimeout(() => {\n            if (false) within(',
      },
      {
        file: 'src/database/postgres/postgres-channel.js',
        find: 'await this.client.setUp();',
        replace: 'await this.client.setUp(); this.client.answerMs = 3_600_000;',
      },
    ],
    noticedBy: ['NOTIFY between two processes is cut off without a reset'],
  },
];
