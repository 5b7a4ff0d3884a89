import { randomUUID } from 'node:crypto';
import type { EvidenceDatabase } from '../../backend/test/faults/stage/evidence-database.ts';

/** The log of an hour of turns. */
export interface Backlog {
  /** Conversations with one turn each. */
  readonly streams: number;
  /** Events of a turn in the streams of the conversation and its user, without deltas. */
  readonly eventsEach: number;
  /** Deltas of each answer. */
  readonly deltasEach: number;
  /** Concurrent answers: a journal row has one delta of each. */
  readonly atOnce: number;
}

export const rowsOf = ({ streams, deltasEach, atOnce }: Backlog): number => (streams / atOnce) * deltasEach;

const AT_A_TIME = 500;
const USERS = 100;
const PROCESS = 1;
const TOKEN = ' token';

type Kind = 'sqlite' | 'postgresql';

/** A list of rows that the database unpacks into columns of these types. */
function listed(kind: Kind, types: readonly ('uuid' | 'bigint' | 'text')[]): string {
  const columns = types.map(
    (type, at) => `cast(value ->> ${at} as ${kind === 'sqlite' && type === 'uuid' ? 'text' : type})`,
  );
  return `select ${columns.join(', ')} from ${kind === 'sqlite' ? 'json_each($1)' : 'json_array_elements($1::json)'}`;
}

function* slices(count: number): Generator<readonly number[]> {
  for (let from = 0; from < count; from += AT_A_TIME) {
    yield Array.from({ length: Math.min(AT_A_TIME, count - from) }, (_, at) => from + at);
  }
}

/** Fills a new database with turns that ended at `at`, in milliseconds since 1970. */
export async function fillLog(evidence: EvidenceDatabase, kind: Kind, backlog: Backlog, at: number): Promise<void> {
  const ids = Array.from({ length: backlog.streams }, () => randomUUID());
  const users: string[] = [];
  for (let user = 0; user < USERS; user += 1) users.push((await evidence.signIn(`User ${user}`)).userId);
  const fill = new Filling(evidence, kind, at, ids, users);
  await fill.turns(backlog);
  await fill.events(backlog);
  await fill.journal(backlog);
  if (kind === 'postgresql') await evidence.query('analyze');
}

/** Writes a backlog into a database. */
class Filling {
  readonly #evidence: EvidenceDatabase;
  readonly #kind: Kind;
  readonly #at: number;
  readonly #ids: readonly string[];
  readonly #users: readonly string[];

  constructor(evidence: EvidenceDatabase, kind: Kind, at: number, ids: readonly string[], users: readonly string[]) {
    this.#evidence = evidence;
    this.#kind = kind;
    this.#at = at;
    this.#ids = ids;
    this.#users = users;
  }

  async turns({ streams, eventsEach, deltasEach }: Backlog): Promise<void> {
    const no = this.#kind === 'sqlite' ? '0' : 'false';
    for (const slice of slices(streams)) {
      const rows = slice.map((at) => [this.#id(at), this.#user(at), this.#at, at + 1, eventsEach + deltasEach]);
      await this.#insert(
        `conversations (id, user_id, created_at, updated_at, title, title_source, pinned, archived)`,
        `select a, b, c, c, 'Title', 'model', ${no}, ${no}`,
        rows,
      );
      await this.#insert(
        `runs (id, conversation_id, user_id, message_id, owner_id, status, model, fence, lease_until, first_seq,
           request_id, created_at, finished_at, journal, journal_from, journal_run)`,
        `select a, a, b, a, a, 'completed', 'bench', 2, c, 1, 'bench', c, c, ${PROCESS}, 1, d`,
        rows,
      );
      await this.#insert('stream_heads (stream, seq, kept_after)', `select 'conversation:' || a, e, 0`, rows);
    }
    const people = this.#users.map((user) => [user, user, this.#at, 0, (3 * streams) / USERS]);
    await this.#insert('stream_heads (stream, seq, kept_after)', `select 'user:' || a, e, 0`, people);
  }

  /** The first and the last events of a turn are in the conversation's stream, three in the user's. */
  async events({ streams, eventsEach, deltasEach }: Backlog): Promise<void> {
    const data = JSON.stringify({ text: 'x'.repeat(300) });
    for (const slice of slices(streams)) {
      const rows = slice.flatMap((at) => [
        ...Array.from({ length: eventsEach - 3 }, (_, number) => [
          `conversation:${this.#id(at)}`,
          number < 3 ? number + 1 : number + 1 + deltasEach,
        ]),
        ...[1, 2, 3].map((number) => [`user:${this.#user(at)}`, Math.floor(at / USERS) * 3 + number]),
      ]);
      const listOfRows = listed(this.#kind, ['text', 'bigint']);
      await this.#evidence.query(
        `insert into stream_events (stream, seq, type, at, data)
         select stream, seq, 'bench', ${this.#at}, '${data}' from (${named(listOfRows, ['stream', 'seq'])}) as one`,
        [JSON.stringify(rows)],
      );
    }
  }

  /** Answers in groups: the deltas of a group share rows. */
  async journal(backlog: Backlog): Promise<void> {
    const { deltasEach, atOnce } = backlog;
    for (const slice of slices(rowsOf(backlog))) {
      const rows = slice.map((row) => {
        const [group, delta] = [Math.floor(row / deltasEach), row % deltasEach];
        const entries = Array.from({ length: atOnce }, (_, at) => [
          group * atOnce + at + 1,
          4 + delta,
          delta * TOKEN.length,
          TOKEN,
        ]);
        return [row + 1, JSON.stringify(entries)];
      });
      await this.#evidence.query(
        `insert into journal (process, n, at, data)
         select ${PROCESS}, n, ${this.#at}, data
         from (${named(listed(this.#kind, ['bigint', 'text']), ['n', 'data'])}) as one`,
        [JSON.stringify(rows)],
      );
    }
  }

  #id(at: number): string {
    return this.#ids[at] ?? '';
  }

  #user(at: number): string {
    return this.#users[at % USERS] ?? '';
  }

  async #insert(into: string, select: string, rows: readonly unknown[]): Promise<void> {
    const all = named(listed(this.#kind, ['uuid', 'uuid', 'bigint', 'bigint', 'bigint']), ['a', 'b', 'c', 'd', 'e']);
    await this.#evidence.query(`insert into ${into} ${select} from (${all}) as one`, [JSON.stringify(rows)]);
  }
}

/** The columns of a select, by name. */
const named = (select: string, names: readonly string[]): string =>
  `with one(${names.join(', ')}) as (${select}) select * from one`;
