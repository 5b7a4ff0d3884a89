import { SILENCE_GUARDS } from './silence.guards.js';
import type { Patch } from './stage/server-build.js';

/** Something in the product that keeps a promise, and how to take it away. */
export interface Guard {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** Where there is such a guard; both when it is missing. */
  readonly databases?: readonly ('sqlite' | 'postgresql')[];
  /** Guards of the page are switched off in the tabs of this suite. */
  readonly checkOffsets?: boolean;
  /** The faults that have to notice, the likeliest first. */
  readonly noticedBy: readonly string[];
}

const TWO_CLOCKS = 'the clock of one of two processes is set, during an answer, a lease and a refresh';

/** Each of them is switched off in a copy of the server, and at least one fault must find that out. */
export const GUARDS: readonly Guard[] = [
  {
    name: 'commit before broadcast',
    patches: [
      {
        file: 'src/streams/event-log.js',
        find: 'const announcement = this.announce(batches);',
        replace: `const announcement = { committed() {}, withdrawn() {} };
            this.announce(batches).committed();`,
      },
      {
        file: 'src/streams/journal.js',
        find: 'const announcement = this.log.announce(entries.map(({ batch }) => batch));',
        replace: `const announcement = { committed() {}, withdrawn() {} };
        this.log.announce(entries.map(({ batch }) => batch)).committed();`,
      },
      {
        file: 'src/streams/postgres-journal.js',
        find: 'const rows = await this.database.once(WRITE_DELTAS, values);',
        replace: `const postgresql = "select seq, (select value from meta where key = 'epoch') as epoch from stream_heads where stream = $1";
        for (const { writer: { source }, delta } of pending.values()) {
            if (!delta) continue;
            const [{ seq, epoch }] = await this.database.once({ postgresql }, [source.stream]);
            this.log.tell(new DeltaBatch(epoch, source, { ...delta, seq: Number(seq) + 1, at }, JSON.stringify(delta.text)));
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
      { file: 'src/realtime/broadcaster.service.js', find: 'this.held.add(batch);', replace: '' },
      {
        file: 'src/realtime/broadcaster.service.js',
        find: 'fetch: (stream, seq) => this.fetch(stream, seq),',
        // Would find in the log what was missed, a little later.
        replace: 'fetch: () => Promise.resolve(),',
      },
      {
        file: 'src/realtime/subscriptions.service.js',
        find: 'const result = await this.reader.subscribe(principal, stream, after);',
        // The pause stands for an event loop that has something else to do.
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
        find: 'this.broadcaster.tellHeads()',
        replace: 'undefined',
      },
    ],
    noticedBy: ['the last event is lost on its way to one tab', 'packets are dropped'],
  },
  {
    name: 'look into the log beside the bus',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/realtime/review.service.js',
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
        file: 'src/realtime/stream-order.js',
        find: 'if (firstSeq <= told + 1 || isRead) {',
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
        file: 'src/database/postgres-channel.js',
        find: 'query_timeout: ANSWER_WITHIN_MS,',
        replace: '',
      },
    ],
    noticedBy: ['NOTIFY between two processes is cut off without a reset'],
  },
  {
    name: 'fence',
    patches: [
      {
        file: 'src/chat/lease.js',
        find: "if (!row || Number(row['fence']) !== fence)",
        replace: "if (!row || Number(row['fence']) !== fence) { owned.add(holder); continue; }\n        if (false)",
      },
      {
        file: 'src/streams/journal.statements.js',
        find: 'select * from claim join held using (id, fence) where',
        replace: 'select claim.*, 10000 as left_ms from claim where',
      },
      {
        file: 'src/chat/run-end.js',
        find: "run.status !== 'running' || isForeign",
        replace: "run.status !== 'running' && end.fence === undefined",
      },
    ],
    noticedBy: ['SIGSTOP, another process takes the run over, then SIGCONT'],
  },
  {
    name: 'heads from the journal after a crash',
    databases: ['sqlite'],
    patches: [{ file: 'src/streams/journal.js', find: 'await this.recover();', replace: '' }],
    noticedBy: ['kill -9 in the middle of an answer', 'kill -9 with 50 answers in flight'],
  },
  {
    name: 'heads in memory are ahead of their rows',
    databases: ['sqlite'],
    patches: [
      {
        file: 'src/streams/stream.statements.js',
        find: 'set seq = max(stream_heads.seq, excluded.kept_after) + excluded.seq',
        replace: 'set seq = stream_heads.seq + excluded.seq',
      },
    ],
    noticedBy: ['stop in the middle, from another tab'],
  },
  {
    name: 'rows of the journal that runs need are kept',
    patches: [{ file: 'src/streams/journal-trim.js', find: 'Number(n) < heldFrom', replace: 'true' }],
    noticedBy: ['kill -9 while old events are dropped'],
  },
  {
    name: 'answers end before their server does',
    patches: [
      { file: 'src/chat/runs.service.js', find: 'within(drainMs, allEnded())', replace: 'within(0, allEnded())' },
    ],
    noticedBy: ['SIGTERM with a short answer and a long one', 'a rolling restart with 100 running answers'],
  },
  {
    name: 'idempotency key',
    patches: [
      {
        file: 'src/chat/idempotency.js',
        find: 'const [found] = await transaction.all(FIND_DUPLICATE, [userId, clientMessageId]);',
        replace: 'const [found] = [];',
      },
      {
        file: 'migrations/20261122-initial.migration.js',
        find: "this.createUnique('conversation_history', ['user_id', 'client_message_id']);",
        replace: '',
      },
    ],
    noticedBy: ['a double click, in two tabs at once', 'the acknowledgement of a message is lost'],
  },
  {
    name: 'rates by a monotonic clock',
    patches: [
      {
        file: 'src/realtime/event-rate.js',
        find: 'constructor(perSecond, burst, now = performance.now())',
        replace: 'constructor(perSecond, burst, now = Date.now())',
      },
      {
        file: 'src/realtime/event-rate.js',
        find: 'take(now = performance.now())',
        replace: 'take(now = Date.now())',
      },
    ],
    noticedBy: ['the clock goes ten minutes back during an answer'],
  },
  {
    name: 'ends of tokens by a monotonic clock',
    patches: [
      {
        file: 'src/auth/access-tokens.js',
        find: 'goodUntil: performance.now() + expiresAt - this.clock.now()',
        replace: 'goodUntil: expiresAt',
      },
      {
        file: 'src/auth/access-tokens.js',
        find: 'known.goodUntil > performance.now()',
        replace: 'known.goodUntil > Date.now()',
      },
      {
        file: 'src/auth/roles.guard.js',
        find: 'session.goodUntil > performance.now()',
        replace: 'session.goodUntil > Date.now()',
      },
      {
        file: 'src/realtime/alarms.js',
        find: 'constructor(now = performance.now())',
        replace: 'constructor(now = Date.now())',
      },
      {
        file: 'src/realtime/socket-clocks.js',
        find: 'look(now = performance.now())',
        replace: 'look(now = Date.now())',
      },
    ],
    noticedBy: ['the clock goes an hour forward during an answer'],
  },
  {
    name: 'grace of a refresh by a monotonic clock',
    databases: ['sqlite'],
    patches: [{ file: 'src/auth/sessions.js', find: ' && !this.hasJustRotated(id)', replace: '' }],
    noticedBy: ['the clock is set while a session is refreshed'],
  },
  {
    name: "moments by the database's clock",
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
        file: 'src/users/presence-rows.js',
        find: 'const { em } = transaction;\n    const stale',
        // As if the process compared with its own time of day.
        replace: 'const { em } = transaction;\n    deadAfterMs -= Date.now() - transaction.at;\n    const stale',
      },
    ],
    noticedBy: [TWO_CLOCKS],
  },
  {
    name: 'turns of those who begin one conversation',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/chat/exchange-place.js',
        find: 'await transaction.all(LOCK_NAME, [conversationStream(id)]);',
        replace: '',
      },
    ],
    noticedBy: ['two tabs on two processes begin one conversation at once'],
  },
  {
    name: 'turns of those who start runs of one person',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/chat/idempotency.js',
        find: 'await transaction.all(LOCK_NAME, [`starts:${userId}`]);',
        replace: 'return;',
      },
    ],
    noticedBy: ['more answers are begun at once, on two processes, than may be written'],
  },
  {
    name: 'the proof of a commit that was not answered',
    patches: [{ file: 'src/database/commit-outcome.js', find: 'if (!transaction.proof)', replace: 'if (true)' }],
    noticedBy: [
      '25 commits of messages are not answered',
      'SQLite says of commits that they have failed, whether or not they have',
    ],
  },
  {
    name: 'what follows a commit follows it late',
    databases: ['postgresql'],
    patches: [{ file: 'src/database/commit-outcome.js', find: 'transaction.committed();', replace: 'undefined;' }],
    noticedBy: ['25 commits of messages are not answered'],
  },
  {
    name: 'a proof takes the place of a commit that may still come',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/streams/commit-marks.statements.js',
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
        file: 'src/streams/postgres-journal.js',
        find: 'await this.settle();',
        replace: '{ this.isDoubtful = false; this.next += 1; this.attempted.clear(); }',
      },
    ],
    noticedBy: ['25 commits of deltas are not answered'],
  },
  ...SILENCE_GUARDS,
  {
    name: 'silent connections are given up',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/limited-client.js',
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
        file: 'src/database/postgres-limits.js',
        find: 'set idle_in_transaction_session_timeout = ${idleInTransactionMs}',
        replace: 'set idle_in_transaction_session_timeout = 0',
      },
    ],
    noticedBy: ['a process freezes while it holds the lock of a row'],
  },
  {
    name: 'readiness is found out by writing',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/database.js',
        find: 'return this.probe ? this.probe.works() : this.orm.isConnected();',
        replace: 'return true;',
      },
    ],
    noticedBy: ['PostgreSQL takes connections and says nothing'],
  },
  {
    name: 'tokens wait for no transaction',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/postgres-driver.js',
        find: 'const client = await this.singles.connect();',
        replace: 'const client = await (await this.getNativeClient()).connect();',
      },
    ],
    noticedBy: ['another session locks conversations until every transaction waits'],
  },
  {
    name: 'a limit to the end of the process',
    databases: ['postgresql'],
    patches: [
      { file: 'src/stop.js', find: 'killAfter(Math.min(drainMs + KILLED_AFTER_MS, LONGEST_TIMER_MS));', replace: '' },
      {
        file: 'src/stop.js',
        find: 'if (await within(limitMs, server.stop(drainMs)))',
        replace: 'await server.stop(drainMs); if (limitMs > 0)',
      },
      {
        file: 'src/chat/runs.service.js',
        find: 'if (await within(END_WITHIN_MS, ended))',
        replace: 'if (await ended)',
      },
    ],
    noticedBy: ['SIGTERM while PostgreSQL is silent'],
  },
  {
    name: 'offset check',
    patches: [],
    checkOffsets: false,
    noticedBy: ['a tab holds an older text than it believes'],
  },
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
    name: 'readiness by writing',
    databases: ['sqlite'],
    patches: [{ file: 'src/database/database.js', find: 'return this.probe?.refusal();', replace: '' }],
    noticedBy: ['the database is locked for 8 s by another process'],
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
  {
    name: 'a restore begins a new epoch',
    databases: ['sqlite'],
    patches: [{ file: 'src/database/sqlite-restore.js', find: 'beginEpoch(staged);', replace: '' }],
    noticedBy: ['an older copy is put back under open tabs'],
  },
  {
    name: 'first starts take turns',
    databases: ['postgresql'],
    patches: [
      {
        file: 'src/database/migrate.js',
        find: 'await underAdvisoryLock(orm, () => up(orm))',
        replace: 'await up(orm)',
      },
    ],
    noticedBy: ['two first starts at once'],
  },
];
