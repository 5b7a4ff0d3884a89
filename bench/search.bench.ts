/**
 * The cost of a search among 100,000 messages of one user: with the index, and with the scan of every text that `like`
 * would need. Both run alternately on the same database; the ratio matters.
 *
 *     node bench/search.bench.ts
 *
 * On SQLite in a temporary folder, or on PostgreSQL if `TEST_DATABASE_URL` is set.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { loadServerModules } from './speed/systems/server-modules.ts';

const CONVERSATIONS = 1_000;
const MESSAGES = 100_000;
const WORDS_PER_MESSAGE = 60;
const VOCABULARY = 30_000;
const REPETITIONS = 7;
const PAGE = 20;

interface Tables {
  conversations: Record<string, unknown>;
  conversation_history: Record<string, unknown>;
  users: Record<string, unknown>;
}
interface EntityManager {
  getKysely(): Kysely<Tables>;
}
interface Orm {
  close(): Promise<void>;
}
interface Database {
  read<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  write<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
}
interface Found {
  readonly items: readonly { readonly id: string }[];
}
interface Document {
  readonly id: string;
  readonly conversationId: string;
  readonly userId: string;
  readonly text: string;
}

/** The measured parts of the built server, which is compiled with other options than this file. */
interface Program {
  readonly readConfig: (env: Record<string, string>) => { readonly database: { readonly kind: string } };
  readonly connect: (database: object, schema: object) => Promise<Orm>;
  readonly migrate: (orm: Orm, config: object) => Promise<unknown>;
  readonly Database: new (orm: Orm) => Database;
  readonly ENTITIES: object;
  readonly MIGRATIONS: object;
  readonly indexDocument: (em: EntityManager, document: Document) => Promise<void>;
  readonly findConversations: (read: Database['read'], userId: string, query: object) => Promise<Found>;
}

const load = (): Promise<Program> =>
  loadServerModules<Program>([
    'src/config/read-config',
    'src/database/connect',
    'src/database/migrating/migrate',
    'src/database/database',
    'src/schema',
    'migrations/index',
    'src/chat/search/search-index',
    'src/chat/search/conversation-search',
  ]);

/** Pseudo-random numbers, the same in every run. */
function* randomNumbers(): Generator<number, never> {
  for (let state = 1; ;) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    yield ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  }
}
const numbers = randomNumbers();
const random = (): number => numbers.next().value;

const SYLLABLES = ['ka', 'lo', 'mi', 'ren', 'tas', 'vo', 'shu', 'per', 'din', 'gal', 'ne', 'to', 'bri', 'ox', 'um'];
const wordOf = (rank: number): string => {
  let word = '';
  for (let rest = rank + 1; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length] ?? '';
  }
  return word;
};
/** Like real texts: few words are common, most are rare. */
const anyWord = (): string => wordOf(Math.floor(VOCABULARY ** random()) - 1);

async function fill(program: Program, database: Database, userId: string): Promise<number> {
  await database.write(async (em) => {
    await sql`insert into users (id, email, name, has_own_name, search_text, role, disabled, preferences, created_at)
      values (${userId}, 'a@example.com', 'A', false, '', 'user', false, '{}', 1)`.execute(em.getKysely());
  });
  let indexingMs = 0;
  const perConversation = MESSAGES / CONVERSATIONS;
  for (let n = 0; n < CONVERSATIONS; n += 1) {
    await database.write(async (em) => {
      const db = em.getKysely();
      const conversationId = uuidv7();
      await sql`insert into conversations (id, user_id, title, title_source, pinned, archived, created_at, updated_at)
        values (${conversationId}, ${userId}, ${wordOf(n)}, 'owner', false, false, ${n}, ${n})`.execute(db);
      const documents = Array.from({ length: perConversation }, () => {
        const text = Array.from({ length: WORDS_PER_MESSAGE }, anyWord).join(' ');
        return { id: uuidv7(), conversationId, userId, text };
      });
      for (const { id, text } of documents) {
        await sql`insert into conversation_history (id, conversation_id, user_id, role, text, status, created_at)
          values (${id}, ${conversationId}, ${userId}, 'user', ${text}, 'completed', ${n})`.execute(db);
      }
      const start = performance.now();
      for (const document of documents) await program.indexDocument(em, document);
      indexingMs += performance.now() - start;
    });
  }
  return indexingMs / MESSAGES;
}

/** The search without an index: a page of conversations whose title or texts match a pattern. */
async function scan(em: EntityManager, userId: string, q: string): Promise<number> {
  const pattern = `%${q.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const { rows } = await sql`
    select id from conversations where user_id = ${userId} and (
      lower(title) like ${pattern} escape '\\' or exists (
        select 1 from conversation_history where conversation_history.conversation_id = conversations.id
        and lower(text) like ${pattern} escape '\\'))
    order by updated_at desc, id desc limit ${PAGE + 1}`.execute(em.getKysely());
  return Math.min(rows.length, PAGE);
}

interface Times {
  readonly count: number;
  readonly medianMs: number;
}

async function sideBySide(ways: readonly (() => Promise<number>)[]): Promise<Times[]> {
  const times = ways.map((): number[] => []);
  let counts: number[] = [];
  for (let n = 0; n < REPETITIONS; n += 1) {
    counts = [];
    for (const [at, way] of ways.entries()) {
      const start = performance.now();
      counts.push(await way());
      times[at]?.push(performance.now() - start);
    }
  }
  return times.map((all, at) => ({
    count: counts[at] ?? 0,
    medianMs: all.sort((a, b) => a - b)[Math.floor(REPETITIONS / 2)] ?? 0,
  }));
}

async function measure(program: Program, url: string, dataDir: string): Promise<void> {
  const config = program.readConfig({ DATABASE_URL: url, DATA_DIR: dataDir });
  const schema = { entities: program.ENTITIES, migrations: program.MIGRATIONS };
  const orm = await program.connect(config.database, schema);
  try {
    await program.migrate(orm, config);
    const database = new program.Database(orm);
    const userId = uuidv7();
    const indexingMs = await fill(program, database, userId);
    if (config.database.kind === 'postgresql') {
      await database.write(async (em) => void (await sql`analyze`.execute(em.getKysely())));
    }
    console.log(`${config.database.kind}: ${MESSAGES} messages, ${indexingMs.toFixed(2)} ms to index one\n`);
    console.log('a search for             found   scan ms   index ms   scan / index');
    const searches: readonly (readonly [string, string])[] = [
      ['a rare word', wordOf(VOCABULARY - 11)],
      ['a word of some', wordOf(2_000)],
      ['a common word', wordOf(1)],
      ['a common beginning', 'ka'],
      ['a longer common one', wordOf(17).slice(0, 5)],
      ['a word that is nowhere', 'xyzzy'],
    ];
    for (const [what, q] of searches) {
      const [scanned, indexed] = await sideBySide([
        () => database.read((em) => scan(em, userId, q)),
        () =>
          program
            .findConversations((work) => database.read(work), userId, { q, limit: PAGE })
            .then(({ items }) => items.length),
      ]);
      if (!scanned || !indexed) throw new Error('nothing was measured');
      const columns = [
        `${scanned.count} ${indexed.count}`.padStart(7),
        scanned.medianMs.toFixed(1).padStart(9),
        indexed.medianMs.toFixed(1).padStart(10),
        (scanned.medianMs / indexed.medianMs).toFixed(1).padStart(14),
      ];
      console.log(`${what.padEnd(23)}${columns.join(' ')}`);
    }
  } finally {
    await orm.close();
  }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const program = await load();
const dataDir = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
const postgres = process.env['TEST_DATABASE_URL'];
try {
  if (postgres === undefined) {
    await measure(program, `sqlite:${join(dataDir, 'chat.db')}`, dataDir);
  } else {
    const name = `lockstep_bench_${randomUUID().replaceAll('-', '')}`;
    await administer(postgres, `create database ${name}`);
    try {
      const url = new URL(postgres);
      url.pathname = `/${name}`;
      await measure(program, url.href, dataDir);
    } finally {
      await administer(postgres, `drop database if exists ${name} with (force)`);
    }
  }
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
