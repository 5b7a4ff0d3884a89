import type { Guard } from './guard.js';

/** What makes processes hear of each other, and do without. */
export const BUS_GUARDS: readonly Guard[] = [
  {
    name: 'look into the log beside the bus',
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
    name: 'order of what several processes write',
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
    name: 'a silent bus is found out',
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
