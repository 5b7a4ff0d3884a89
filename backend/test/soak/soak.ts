import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../faults/check/check.js';
import type { Violation } from '../faults/check/recording.js';
import { EvidenceDatabase } from '../faults/stage/evidence-database.js';
import { Random } from '../faults/stage/random.js';
import { Scene } from '../faults/stage/scene.js';
import { passes, settle } from '../faults/stage/settle.js';
import type { StagePerson } from '../faults/stage/stage.js';
import { HARMS, type Harm } from './harms.js';
import type { Installation } from './installation.js';
import { Person } from './person.js';
import { heapOf, type Probe, type Probed } from './probe.js';

const TABS = 2;
const RUNS_END_MS = 40_000;
const LEAVE_MS = 20_000;
/** A token is valid for ten minutes, and a shift may take some of them. */
const RENEW_TOKENS_MS = 5 * 60_000;

type Session = Omit<StagePerson, 'token'>;

export interface SoakOptions {
  readonly people: number;
  readonly minutes: number;
  /** How long users act before everything is checked. */
  readonly shiftMs: number;
  readonly harmEveryMs: number;
  /** The share of the time before memory is measured. A single process may be killed in the first half of it. */
  readonly warmUp: number;
}

/** The results, in order of time. */
export interface SoakReport {
  /** At rest, after each shift; without those of the warm-up. */
  readonly samples: readonly Probed[];
  readonly warmUpSamples: readonly Probed[];
  readonly peakDescriptors: number;
  readonly harms: ReadonlyMap<string, number>;
  readonly questions: number;
  readonly violations: readonly Violation[];
}

/**
 * Users of an installation, with a fault every few seconds. They work in shifts. After each shift they disconnect: what
 * they have seen is checked against the database, and the memory and resources of the server are measured.
 */
export class Soak {
  private readonly harms = new Map<string, number>();
  private readonly violations: Violation[] = [];
  private readonly startedAt = performance.now();
  private questions = 0;
  private peakDescriptors = 0;

  constructor(
    private readonly installation: Installation,
    private readonly probe: Probe,
    private readonly options: SoakOptions,
  ) {}

  async run(): Promise<SoakReport> {
    await using evidence = await EvidenceDatabase.open(this.installation.stage.databaseUrl);
    const sessions: Session[] = [];
    for (let person = 0; person < this.options.people; person += 1) {
      sessions.push(await evidence.signIn(`Person ${person}`));
    }
    let people = this.withTokens(sessions);
    let tokensSince = performance.now();
    const [warmUpSamples, samples]: [Probed[], Probed[]] = [[], []];
    while (this.share < 1) {
      const isWarm = this.share >= this.options.warmUp;
      if (performance.now() - tokensSince > RENEW_TOKENS_MS) {
        people = this.withTokens(sessions);
        tokensSince = performance.now();
      }
      await this.shift(people, evidence, this.share < this.options.warmUp / 2);
      const sample = await this.probe.atRest(this.installation.measured, warmUpSamples);
      (isWarm ? samples : warmUpSamples).push(sample);
      this.say(sample);
    }
    const { harms, violations, questions, peakDescriptors } = this;
    return { samples, warmUpSamples, peakDescriptors, harms, questions, violations };
  }

  private withTokens(sessions: readonly Session[]): readonly StagePerson[] {
    const { stage } = this.installation;
    return sessions.map(({ userId, sessionId }) => ({ userId, sessionId, token: stage.tokenOf(userId, sessionId) }));
  }

  /** The elapsed share of the time. */
  private get share(): number {
    return (performance.now() - this.startedAt) / (this.options.minutes * 60_000);
  }

  private async shift(people: readonly StagePerson[], evidence: EvidenceDatabase, mayDie: boolean): Promise<void> {
    const { installation, options } = this;
    const { stage, random, roads } = installation;
    const scenes = people.map(
      (person) => new Scene(stage, new Random(random.between(0, 2 ** 30)), person, evidence, true, true),
    );
    installation.scenes = scenes;
    const endAt = performance.now() + options.shiftMs;
    const isOver = (): boolean => performance.now() > endAt;
    try {
      const workers = await Promise.all(
        scenes.map(async (scene, at) => {
          const road = roads[at % roads.length] ?? stage.road;
          const { isAway } = installation;
          const tabs = await Promise.all(Array.from({ length: TABS }, () => scene.open({ port: road.port, isAway })));
          scene.touch();
          return new Person(scene, tabs);
        }),
      );
      await Promise.all([this.harm(isOver, mayDie), ...workers.map((worker) => worker.work(isOver))]);
      await this.judge(scenes, evidence);
    } finally {
      for (const scene of scenes) await scene.close();
      installation.scenes = [];
    }
    await passes(() => roads.every(({ connections }) => connections === 0), LEAVE_MS);
  }

  /** Runs one fault after the other, of those that are possible now. */
  private async harm(isOver: () => boolean, mayDieAlone: boolean): Promise<void> {
    const { installation, options } = this;
    const { stage, random } = installation;
    const mayDie = mayDieAlone || installation.processes.length > 1;
    const possible = HARMS.filter(
      ({ databases, isDeath }) => (databases ?? [stage.kind]).includes(stage.kind) && (mayDie || !isDeath),
    );
    for (;;) {
      await delay(options.harmEveryMs * (0.7 + 0.6 * random.next()));
      this.peakDescriptors = Math.max(this.peakDescriptors, this.probe.descriptorsOf(installation.measured));
      if (isOver()) return;
      const harm: Harm = random.pick(possible);
      this.harms.set(harm.name, (this.harms.get(harm.name) ?? 0) + 1);
      const from = this.minute;
      await harm.run(installation);
      process.stdout.write(`    minute ${from} to ${this.minute}: ${harm.name}\n`);
    }
  }

  private async judge(scenes: readonly Scene[], evidence: EvidenceDatabase): Promise<void> {
    await passes(async () => {
      const [row] = await evidence.query(`select count(*) as runs from runs where status = 'running'`);
      return Number(row?.['runs']) === 0;
    }, RUNS_END_MS);
    // In sequence: all have settled by then.
    for (const scene of scenes) {
      const found = [...scene.seen, ...check(await settle(scene))];
      // Printed at once, next to the fault that caused it.
      for (const { rule, detail } of found) process.stdout.write(`  ${rule}: ${detail}\n`);
      this.violations.push(...found);
      this.questions += scene.turns.length;
    }
  }

  private get minute(): string {
    return ((performance.now() - this.startedAt) / 60_000).toFixed(2);
  }

  private say(sample: Probed): void {
    const { descriptors, timers } = sample;
    const harms = [...this.harms.values()].reduce((sum, count) => sum + count, 0);
    const parts = [
      `minute ${this.minute}: ${this.questions} questions`,
      `${harms} faults`,
      `${this.violations.length} violations`,
      `heap ${(heapOf(sample) / 2 ** 20).toFixed(2)} MB`,
      `${descriptors} descriptors`,
      `${timers} timers`,
    ];
    process.stdout.write(`  ${parts.join(', ')}\n`);
  }
}
