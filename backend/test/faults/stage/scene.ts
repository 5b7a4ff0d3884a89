import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { conversationStream, type RunStatus, type StreamEvents, userStream } from '../../../src/protocol/index.js';
import type { Rule, SentMessage, Violation } from '../check/recording.js';
import type { EvidenceDatabase } from './evidence-database.js';
import type { Plan, PlanOptions } from './numbered-model.js';
import type { Random } from './random.js';
import type { ServerProcess } from './server-process.js';
import type { Stage, StagePerson } from './stage.js';
import { Tab } from './tabs/tab.js';
import { TcpProxy } from './roads/tcp-proxy.js';
import { scaled } from '../../../testing/pace.js';

export interface TurnOptions extends PlanOptions {
  /** The conversation to continue; a new one by default. */
  readonly conversationId?: string;
  /** The required status of the run. */
  readonly expected?: RunStatus;
}

/** One question with its answer: the plan, and the acknowledgements so far. */
export interface Turn {
  readonly conversationId: string;
  readonly stream: string;
  readonly clientMessageId: string;
  readonly plan: Plan;
  expected: RunStatus | undefined;
  readonly acknowledged: { messageId: string; runId: string }[];
}

export interface OpenTab {
  readonly name?: string;
  readonly loses?: (batch: StreamEvents) => boolean;
  /** The port to connect to; the stage's proxy by default. */
  readonly port?: number;
  /** See `TabOptions`. */
  readonly isAway?: () => boolean;
  /** Does not subscribe to the user's stream. */
  readonly bare?: boolean;
}

const POLL_MS = 20;
/** Generous, because slowness of a busy machine is no violation. */
const DEADLINE_MS = scaled(40_000);
const RUNS_END_MS = scaled(25_000);

/** The objects of one round: a user with tabs and questions, on a stage that earlier rounds have used. */
export class Scene {
  readonly tabs: Tab[] = [];
  readonly turns: Turn[] = [];
  readonly outages: { diedAt: number; backAt: number }[] = [];
  /** Violations that the fault itself has seen. */
  readonly seen: Violation[] = [];
  private readonly kept: AsyncDisposable[] = [];
  private readonly others: Tab[] = [];
  private readonly forgotten: Plan[] = [];

  constructor(
    readonly stage: Stage,
    readonly random: Random,
    readonly person: StagePerson,
    readonly evidence: EvidenceDatabase,
    private readonly checkOffsets: boolean,
    /** Whether this is a run with many rounds, which may take longer. */
    readonly isThorough: boolean,
  ) {}

  /** Opens a tab that subscribes to the user's stream, and waits until it is connected. */
  async open(options: OpenTab = {}): Promise<Tab> {
    const tab = this.openSoon(options);
    await this.until(() => tab.isConnected, 'a tab is connected');
    return tab;
  }

  /** The same without waiting. */
  openSoon({ name, loses, port, isAway, bare }: OpenTab = {}): Tab {
    const tab = new Tab({
      name: name ?? `tab ${this.tabs.length + 1}`,
      port: port ?? this.stage.road.port,
      token: this.person.token,
      checkOffsets: this.checkOffsets,
      loses,
      isAway,
    });
    if (!bare) tab.follow(userStream(this.person.userId));
    this.tabs.push(tab);
    return tab;
  }

  /** A further process on the database, which ends with the scene. */
  async join(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = this.keep(await this.stage.spawn(this.stage.databaseUrl, env));
    await server.ready();
    return server;
  }

  /** A separate proxy for one tab. */
  async openRoad(port = this.stage.server.port): Promise<TcpProxy> {
    return this.keep(await TcpProxy.start(port));
  }

  /** Disposes of a resource at the end of the round: tabs need it until everything is settled. */
  keep<T extends AsyncDisposable>(kept: T): T {
    this.kept.push(kept);
    return kept;
  }

  /** Plans a question and its answer; sends nothing. */
  prepare({ conversationId = randomUUID(), expected, ...plan }: TurnOptions = {}): Turn {
    const turn: Turn = {
      conversationId,
      stream: conversationStream(conversationId),
      clientMessageId: randomUUID(),
      plan: this.stage.model.plan(`Count for ${randomUUID()}`, plan),
      expected,
      acknowledged: [],
    };
    this.turns.push(turn);
    return turn;
  }

  /** Sends until it is acknowledged. */
  async send(tab: Tab, turn: Turn, deadlineMs?: number): Promise<void> {
    const { clientMessageId, conversationId, plan } = turn;
    const reply = await tab.insist(
      'message:send',
      { clientMessageId, conversationId, text: plan.question },
      deadlineMs,
    );
    turn.acknowledged.push({ messageId: reply.messageId, runId: reply.runId });
  }

  /** Sends in one tab, and lets all open ones subscribe. */
  async ask(tab: Tab, options: TurnOptions = {}, deadlineMs?: number): Promise<Turn> {
    const turn = this.prepare(options);
    await this.send(tab, turn, deadlineMs);
    for (const each of this.tabs) each.follow(turn.stream);
    return turn;
  }

  /** Resolves when a tab shows at least this many tokens of an answer. */
  async shows(tab: Tab, turn: Turn, tokens: number): Promise<void> {
    const { length } = turn.plan.text(tokens);
    await this.until(() => tab.textOf(turn.stream).length >= length, `${tokens} tokens are shown`);
  }

  /** Resolves when no run of this user is running; allows at least the planned time of the answers. */
  async ended(): Promise<void> {
    const plannedMs = Math.max(
      0,
      ...this.turns.map(({ plan: { length, options } }) => length * (options.delayMs ?? 0)),
    );
    await this.until(
      async () => (await this.evidence.running(this.person.userId)) === 0,
      'every run has ended',
      RUNS_END_MS + 3 * plannedMs,
    );
  }

  /** `kill -9`. Running replies must end as interrupted. */
  async kill(): Promise<void> {
    await this.stage.server.end('SIGKILL');
    await this.died();
  }

  /** Resolves when the server has exited by itself. @returns its exit code, `null` after a signal */
  async died(): Promise<number | null> {
    const code = await this.stage.server.ended();
    this.outages.push({ diedAt: Date.now(), backAt: Number.POSITIVE_INFINITY });
    this.touch();
    return code;
  }

  /** The id of the run, after the question was acknowledged. */
  runOf({ acknowledged, plan }: Turn): string {
    const [first] = acknowledged;
    if (!first) throw new Error(`"${plan.question}" was not acknowledged`);
    return first.runId;
  }

  /** Makes sure that a server runs and the proxies are open. */
  async up(): Promise<void> {
    await this.stage.up();
    for (const outage of this.outages) outage.backAt = Math.min(outage.backAt, Date.now());
  }

  /** Marks connections as disturbed: gaps are expected from now on. */
  touch(): void {
    for (const tab of this.tabs) tab.isTouched = true;
  }

  /** Drops the evidence so far, as when the database is restored to an earlier state. */
  forget(): void {
    for (const tab of this.tabs.splice(0)) this.others.push(tab);
    for (const { plan } of this.turns.splice(0)) this.forgotten.push(plan);
  }

  /** Records a violation unless `holds`. */
  expect(rule: Rule, holds: boolean, detail: string): void {
    if (!holds) this.seen.push({ rule, detail });
  }

  /** Polls a condition. @throws Error after the time limit */
  async until(ask: () => boolean | Promise<boolean>, what: string, deadlineMs = DEADLINE_MS): Promise<void> {
    const deadline = Date.now() + deadlineMs;
    while (!(await ask())) {
      if (Date.now() > deadline) throw new Error(`Not within ${deadlineMs} ms: ${what}`);
      await delay(POLL_MS);
    }
  }

  /** The evidence of the model and the acknowledgements for each question. */
  get sent(): readonly SentMessage[] {
    return this.turns.map(({ stream, plan, acknowledged, expected }) => ({
      stream,
      question: plan.question,
      acknowledged,
      attempts: plan.options.attempts ?? 1,
      asked: plan.asked,
      planned: plan.text(),
      expected,
    }));
  }

  async close(): Promise<void> {
    for (const tab of [...this.tabs, ...this.others]) tab.close();
    for (const kept of this.kept) await kept[Symbol.asyncDispose]();
    for (const plan of [...this.turns.map((each) => each.plan), ...this.forgotten]) this.stage.model.forget(plan);
  }
}
