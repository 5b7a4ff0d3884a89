import { within } from '../../src/common/within.js';
import { check } from './check/check.js';
import type { Violation } from './check/recording.js';
import type { Fault } from './fault.js';
import { Random } from './stage/random.js';
import { Scene } from './stage/scene.js';
import { type Patch, ServerBuild } from './stage/server-build.js';
import { settle } from './stage/settle.js';
import { Stage } from './stage/stage.js';
import { scaled } from '../../testing/pace.js';

export interface RunOptions {
  readonly rounds: number;
  readonly seed: number;
  /** See `TabStreamOptions`. */
  readonly checkOffsets?: boolean;
  readonly isThorough?: boolean;
  /** A round that takes longer has failed: its seed is reported, unlike that of a test that times out. */
  readonly roundMs?: number;
  /** Ends with the first round that finds a violation. */
  readonly isOnceEnough?: boolean;
}

/** A round with violations. */
export interface FailedRound {
  readonly round: number;
  readonly seed: number;
  readonly violations: readonly Violation[];
}

const SHOWN_VIOLATIONS = 5;
const ROUND_MS = scaled(240_000);

/** The violations, and the command that repeats the round. */
export function describeFailure(fault: string, { round, seed, violations }: FailedRound): string {
  const shown = violations.slice(0, SHOWN_VIOLATIONS).map(({ rule, detail }) => `  [${rule}] ${detail}`);
  const more = violations.length - shown.length;
  return [
    `${fault}, round ${round}, seed ${seed}:`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
    `  again: FAULT_SEED=${seed} FAULT_ROUNDS=1 npm run test:faults -- '${fault}'`,
  ].join('\n');
}

/** Keeps one stage for consecutive faults, and makes a new one after a failure. */
export class FaultRunner implements AsyncDisposable {
  private stage: Stage | undefined;
  private build: ServerBuild | undefined;

  /**
   * `patches` change the server for every fault; `usual` ones, which shorten waits, only for faults without their own.
   */
  constructor(
    private readonly patches: readonly Patch[],
    private readonly usual: readonly Patch[] = [],
  ) {}

  /** Runs a fault, round after round. The seed of a round is the first seed plus its number. */
  async run(fault: Fault, options: RunOptions): Promise<readonly FailedRound[]> {
    const isUsual = fault.patches === undefined && fault.env === undefined && !fault.hasDatabaseRoad;
    if (isUsual) return this.rounds(fault, options);
    await using runner = new FaultRunner([...this.patches, ...(fault.patches ?? this.usual)]);
    return await runner.rounds(fault, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { stage, build } = this;
    this.stage = undefined;
    this.build = undefined;
    await stage?.[Symbol.asyncDispose]();
    build?.[Symbol.dispose]();
  }

  private copy(): ServerBuild {
    return ServerBuild.copy([...this.patches, ...this.usual]);
  }

  private async stageFor({ env, hasDatabaseRoad }: Fault): Promise<Stage> {
    this.build ??= this.copy();
    this.stage ??= await Stage.prepare(this.build, { env, hasDatabaseRoad });
    return this.stage;
  }

  private async rounds(fault: Fault, options: RunOptions): Promise<readonly FailedRound[]> {
    // A patch that does not match is a mistake in these tests, not a violation.
    this.build ??= this.copy();
    const failed: FailedRound[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const seed = options.seed + round;
      // A stage that does not start is a failed round too, and the next round needs a new one.
      const violations = await this.round(fault, seed, options).catch((error: unknown): readonly Violation[] => [
        { rule: fault.rules[0] ?? 'L1', detail: `the stage: ${String(error)}` },
      ]);
      if (violations.length === 0) continue;
      failed.push({ round: round + 1, seed, violations });
      await this[Symbol.asyncDispose]();
      if (options.isOnceEnough) break;
    }
    return failed;
  }

  private async round(fault: Fault, seed: number, options: RunOptions): Promise<readonly Violation[]> {
    const stage = await this.stageFor(fault);
    await stage.up();
    await using evidence = await stage.evidence();
    const { userId, sessionId } = await evidence.signIn('Ada');
    const person = { userId, sessionId, token: stage.tokenOf(userId, sessionId) };
    const { checkOffsets = true, isThorough = false, roundMs = ROUND_MS } = options;
    const scene = new Scene(stage, new Random(seed), person, evidence, checkOffsets, isThorough);
    try {
      if (!(await within(roundMs, fault.run(scene)))) throw new Error(`The round took longer than ${roundMs} ms`);
      const found = [...scene.seen, ...check(await settle(scene))];
      return found;
    } catch (error) {
      // A timeout of a fault counts as a violation of its first rule.
      const output = stage.isUp ? '' : `\n${stage.server.lastOutput}`;
      return [{ rule: fault.rules[0] ?? 'L1', detail: `${String(error)}${output}` }, ...scene.seen];
    } finally {
      await scene.close();
    }
  }
}
