import { randomUUID } from 'node:crypto';
import BetterSqlite from 'better-sqlite3';
import pg from 'pg';
import type { JournalEntry } from '../../../src/streams/journal/journal-entry.js';
import type { DatabaseRows, EventRow, HeadRow, MessageRow, RunRow } from '../check/recording.js';

type Row = Readonly<Record<string, unknown>>;

/** The test's own database connection, beside those of the servers: signs users in, and reads what was stored. */
export abstract class EvidenceDatabase implements AsyncDisposable {
  static async open(url: string): Promise<EvidenceDatabase> {
    if (url.startsWith('sqlite:')) return new SqliteEvidence(url.slice('sqlite:'.length));
    // A pool, because the database server may be restarted.
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    pool.on('error', () => undefined);
    await pool.query('select 1');
    return new PostgresEvidence(pool);
  }

  /** Runs one statement with the placeholders `$1`, `$2` ... */
  abstract query(statement: string, values?: readonly (string | number | null)[]): Promise<readonly Row[]>;
  abstract [Symbol.asyncDispose](): Promise<void>;

  /** Creates an account and a session, and returns their ids. */
  async signIn(name: string): Promise<{ userId: string; sessionId: string }> {
    const [userId, sessionId] = [randomUUID(), randomUUID()];
    const [now, email] = [Date.now(), `${name}-${userId.slice(0, 8)}@example.com`];
    await this.query(
      `insert into users (id, email, name, has_own_name, search_text, role, disabled, preferences, created_at)
       values ($1, $2, $3, ${this.falseLiteral}, $4, 'user', ${this.falseLiteral}, '{}', $5)`,
      [userId, email, name, `${name} ${email}`.toLowerCase(), now],
    );
    await this.query(
      `insert into sessions (id, user_id, token_hash, rotated_at, user_agent, created_at, last_used_at, expires_at)
       values ($1, $2, $3, $4, 'test', $5, $6, $7)`,
      [sessionId, userId, randomUUID(), now, now, now, now + 86_400_000],
    );
    return { userId, sessionId };
  }

  /** The stored rows of one user and of the given streams. */
  async read(userId: string, streams: readonly string[]): Promise<DatabaseRows> {
    const [messages, runs, events] = [
      await this.query('select * from conversation_history where user_id = $1', [userId]),
      await this.query('select * from runs where user_id = $1', [userId]),
      await this.query(
        `select * from stream_events where stream in (${placesFor(streams)}) order by stream, seq`,
        streams,
      ),
    ];
    const deltas = await this.deltas(runs.map(toRun), new Set(streams));
    // Read last: events that are dropped in the meantime are not missed then.
    const heads = await this.heads(streams);
    return {
      messages: messages.map(toMessage),
      runs: runs.map(toRun),
      events: [...events.map(toEvent), ...deltas].sort((a, b) => a.seq - b.seq),
      heads,
    };
  }

  /** The deltas of runs are in the journal, in rows for all runs of a process. */
  private async deltas(runs: readonly RunRow[], streams: ReadonlySet<string>): Promise<readonly EventRow[]> {
    const byNumber = new Map(runs.map((run) => [`${run.journal} ${run.journalRun}`, run]));
    const rows = await this.query('select process, at, data from journal order by process, n');
    return rows.flatMap(({ process, at, data }) =>
      (JSON.parse(String(data)) as JournalEntry[]).flatMap(([number, seq, offset, text]): EventRow[] => {
        const run = byNumber.get(`${Number(process)} ${number}`);
        const stream = `conversation:${run?.conversationId}`;
        if (!run || !streams.has(stream)) return [];
        const event = JSON.stringify({ runId: run.id, messageId: run.messageId, offset, text });
        return [{ stream, seq, type: 'run.delta', at: Number(at), data: event }];
      }),
    );
  }

  /** The heads of those streams that have events. */
  async heads(streams: readonly string[]): Promise<readonly HeadRow[]> {
    const rows = await this.query(`select * from stream_heads where stream in (${placesFor(streams)})`, streams);
    return rows.map(toHead);
  }

  /** The number of running runs of a user. */
  async running(userId: string): Promise<number> {
    const rows = await this.query(`select id from runs where user_id = $1 and status = 'running'`, [userId]);
    return rows.length;
  }

  protected abstract readonly falseLiteral: string;
}

class SqliteEvidence extends EvidenceDatabase {
  protected readonly falseLiteral = '0';
  private readonly database: BetterSqlite.Database;

  constructor(path: string) {
    super();
    this.database = new BetterSqlite(path);
    this.database.pragma('busy_timeout = 5000');
  }

  query(statement: string, values: readonly (string | number | null)[] = []): Promise<readonly Row[]> {
    const prepared = this.database.prepare<unknown[], Row>(statement.replaceAll(/\$\d+/g, '?'));
    if (prepared.reader) return Promise.resolve(prepared.all(...values));
    prepared.run(...values);
    return Promise.resolve([]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.database.close();
    return Promise.resolve();
  }
}

class PostgresEvidence extends EvidenceDatabase {
  protected readonly falseLiteral = 'false';

  private readonly pool: pg.Pool;

  constructor(pool: pg.Pool) {
    super();
    this.pool = pool;
  }

  async query(statement: string, values: readonly (string | number | null)[] = []): Promise<readonly Row[]> {
    const { rows } = await this.pool.query<Row>(statement, [...values]);
    return rows;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pool.end();
  }
}

const placesFor = (values: readonly string[]): string => values.map((_, index) => `$${index + 1}`).join(', ');

const optional = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const toMessage = (row: Row): MessageRow => ({
  id: String(row['id']),
  conversationId: String(row['conversation_id']),
  role: String(row['role']),
  text: String(row['text']),
  status: String(row['status']),
  runId: optional(row['run_id']),
  clientMessageId: optional(row['client_message_id']),
});

const toRun = (row: Row): RunRow => ({
  id: String(row['id']),
  conversationId: String(row['conversation_id']),
  messageId: String(row['message_id']),
  journal: Number(row['journal']),
  journalRun: Number(row['journal_run']),
  status: String(row['status']),
  finishedAt: row['finished_at'] === null ? null : Number(row['finished_at']),
});

const toEvent = (row: Row): EventRow => ({
  stream: String(row['stream']),
  seq: Number(row['seq']),
  type: String(row['type']),
  at: Number(row['at']),
  data: String(row['data']),
});

const toHead = (row: Row): HeadRow => ({
  stream: String(row['stream']),
  seq: Number(row['seq']),
  keptAfter: Number(row['kept_after']),
});
