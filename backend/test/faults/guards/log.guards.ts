import type { Guard } from './guard.js';

/** What keeps the log, its numbers and its runs consistent. */
export const LOG_GUARDS: readonly Guard[] = [
  {
    name: 'commit before broadcast',
    patches: [
      {
        file: 'src/streams/log/event-log.js',
        find: 'const announcement = this.announce(batches);',
        replace: `const announcement = { committed() {}, withdrawn() {} };
            this.announce(batches).committed();`,
      },
      {
        file: 'src/streams/journal/journal.js',
        find: 'const announcement = this.log.announce(entries.map(({ batch }) => batch));',
        replace: `const announcement = { committed() {}, withdrawn() {} };
        this.log.announce(entries.map(({ batch }) => batch)).committed();`,
      },
      {
        file: 'src/streams/journal/postgres-journal.js',
        find: 'const rows = await this.database.once(WRITE_DELTAS, values);',
        replace: `const postgresql = "select seq, (select value from meta where key = 'epoch') as epoch from stream_heads where stream = $1";
        for (const { writer: { source }, delta } of pending.values()) {
            if (!delta) continue;
            const [{ seq, epoch }] = await this.database.once({ postgresql }, [source.stream]);
            this.log.publish(new DeltaBatch(epoch, source, { ...delta, seq: Number(seq) + 1, at }, JSON.stringify(delta.text)));
        }
        const rows = await this.database.once(WRITE_DELTAS, values);`,
      },
    ],
    noticedBy: [
      'the disk is full for a while',
      'PostgreSQL ends every connection and takes none for 2 s',
      'kill -9 in the middle of an answer',
    ],
  },
  {
    name: 'join before read',
    patches: [
      { file: 'src/realtime/delivery/broadcaster.service.js', find: 'this.held.add(batch);', replace: '' },
      {
        file: 'src/realtime/delivery/broadcaster.service.js',
        find: 'fetch: (stream, seq) => this.fetch(stream, seq),',
        // It would find missed events in the log a little later.
        replace: 'fetch: () => Promise.resolve(),',
      },
      {
        file: 'src/realtime/subscriptions.service.js',
        find: 'const result = await this.reader.subscribe(principal, stream, after);',
        // The pause simulates a busy event loop.
        replace: `const result = await this.reader.subscribe(principal, stream, after);
            await new Promise((resolve) => setTimeout(resolve, 1));`,
      },
    ],
    noticedBy: ['tabs subscribe and leave at every moment of an answer'],
  },
  {
    name: 'heads',
    patches: [
      {
        file: 'src/realtime/supervisor.service.js',
        find: 'this.broadcaster.emitHeads()',
        replace: 'undefined',
      },
    ],
    noticedBy: ['the last event is lost on its way to one tab', 'packets are dropped'],
  },
  {
    name: 'fence',
    patches: [
      {
        file: 'src/chat/runs/lease.js',
        find: "if (!row || Number(row['fence']) !== fence)",
        replace: "if (!row || Number(row['fence']) !== fence) { owned.add(holder); continue; }\n        if (false)",
      },
      {
        file: 'src/streams/journal/journal.statements.js',
        find: 'select * from claim join held using (id, fence) where',
        replace: 'select claim.*, 10000 as left_ms from claim where',
      },
      {
        file: 'src/chat/runs/run-end.js',
        find: "run.status !== 'running' || isForeign",
        replace: "run.status !== 'running' && end.fence === undefined",
      },
    ],
    noticedBy: ['SIGSTOP, another process takes the run over, then SIGCONT'],
  },
  {
    name: 'heads from the journal after a crash',
    databases: ['sqlite'],
    patches: [{ file: 'src/streams/journal/journal.js', find: 'await this.recover();', replace: '' }],
    noticedBy: ['kill -9 in the middle of an answer', 'kill -9 with 50 answers in flight'],
  },
  {
    name: 'heads in memory ahead of their rows',
    databases: ['sqlite'],
    patches: [
      {
        file: 'src/streams/log/stream.statements.js',
        find: 'set seq = max(stream_heads.seq, excluded.kept_after) + excluded.seq',
        replace: 'set seq = stream_heads.seq + excluded.seq',
      },
    ],
    noticedBy: ['stop in the middle, from another tab'],
  },
  {
    name: 'retention of journal rows that runs need',
    patches: [{ file: 'src/streams/journal/journal-trim.js', find: 'Number(n) < heldFrom', replace: 'true' }],
    noticedBy: ['kill -9 while old events are dropped'],
  },
  {
    name: 'replies end before their server',
    patches: [
      { file: 'src/chat/runs/runs.service.js', find: 'within(drainMs, allEnded())', replace: 'within(0, allEnded())' },
    ],
    noticedBy: ['SIGTERM with a short answer and a long one', 'a rolling restart with 100 running answers'],
  },
  {
    name: 'idempotency key',
    patches: [
      {
        file: 'src/chat/sending/idempotency.js',
        find: 'const [found] = await transaction.all(FIND_DUPLICATE, [userId, clientMessageId]);',
        replace: 'const [found] = [];',
      },
      {
        file: 'migrations/0.1/20261122-initial.migration.js',
        find: "this.createUnique('conversation_history', ['user_id', 'client_message_id']);",
        replace: '',
      },
    ],
    noticedBy: ['a double click, in two tabs at once', 'the acknowledgement of a message is lost'],
  },
  {
    name: 'offset check',
    patches: [],
    checkOffsets: false,
    noticedBy: ['a tab holds an older text than its cursor says'],
  },
];
