import { setTimeout as delay } from 'node:timers/promises';
import { timeOfDay } from '../clock.js';
import type { Examined } from '../config/examine/examine.js';
import { redactor } from '../config/examine/masked.js';
import { CHECK_AREAS, type Finding, FINDING_STATUSES, type SystemCheck } from '../protocol/http/index.js';
import { messageOf } from './ask.js';
import { checkAddress } from './checks/check-address.js';
import { checkBus } from './checks/check-bus.js';
import { checkClock } from './checks/check-clock.js';
import { checkConfiguration } from './checks/check-configuration.js';
import { checkDatabase } from './checks/check-database.js';
import { checkModels } from './checks/check-models.js';
import { checkProcess } from './checks/check-process.js';
import { checkSignIn } from './checks/check-sign-in.js';
import { checkStorage } from './checks/check-storage.js';
import { OwnServer } from './checks/own-server.js';
import { type Check, type Found, problem } from './findings.js';
import { ownStanding } from './own-standing.js';

interface Diagnosis {
  readonly examined: Examined;
  /** The names of the migrations of this version, in order. */
  readonly migrations: readonly string[];
  /** Whether the server itself runs the diagnosis; otherwise it may run, or not. */
  readonly isServer: boolean;
}

/** Runs all checks at the same time, each with its own limit. Nothing is changed, and no secret is in the result. */
export async function diagnose(diagnosis: Diagnosis): Promise<SystemCheck> {
  const startedAt = performance.now();
  const { settings, secrets } = diagnosis.examined;
  const found = await Promise.all(checksOf(diagnosis).map((check) => carryOut(check)));
  const redact = redactor(secrets);
  return {
    at: timeOfDay(),
    tookMs: Math.round(performance.now() - startedAt),
    findings: inOrder(found.flat()).map((finding) => redacted(finding, redact)),
    settings: settings.map((setting) => ({ ...setting, value: redact(setting.value) })),
  };
}

function checksOf({ examined, migrations, isServer }: Diagnosis): readonly Check[] {
  const { config, repaired, variables } = examined;
  const own = ownStanding(config.appSecret, variables);
  const server = new OwnServer(config, own);
  /** What depends on a value that the operator did not give would only repeat the first problem. */
  const unless = (names: RegExp, ...checks: readonly Check[]): readonly Check[] =>
    [...repaired].some((name) => names.test(name)) ? [] : checks;
  const isRunning = (): Promise<boolean> => (isServer ? Promise.resolve(true) : server.isRunning());
  return [
    checkConfiguration(examined),
    checkProcess(),
    ...(isServer ? [] : unless(/^(HOST|PORT|APP_SECRET)$/, server.check)),
    ...unless(/^DATA_DIR$/, checkStorage(config)),
    ...unless(/^DATABASE_URL$/, checkDatabase(config, migrations)),
    ...unless(/DATABASE_URL$|^REDIS_URL$|^LISTEN_NOTIFY$/, ...checkBus(config)),
    ...unless(/^OPENAI_|^MODEL_REQUESTS$/, ...checkModels(config)),
    ...unless(/^GOOGLE_|^SIGN_IN_/, ...checkSignIn(config)),
    ...unless(/^OPENAI_|^MODEL_REQUESTS$|^GOOGLE_|^SIGN_IN_/, ...checkClock(config)),
    ...unless(/^(PUBLIC_URL|APP_SECRET|PORT)$/, checkAddress(config, { own, isRunning })),
  ];
}

async function carryOut({ area, limitMs, run }: Check): Promise<readonly Finding[]> {
  const ending = new AbortController();
  const late = delay(limitMs, [problem('check_late', { seconds: limitMs / 1000 })], { signal: ending.signal });
  let found: readonly Found[];
  try {
    found = await Promise.race([(async () => run(ending.signal))(), late]);
  } catch (error) {
    found = [problem('check_failed', { reason: messageOf(error) })];
  }
  late.catch(() => undefined);
  ending.abort();
  return found.map((finding) => ({ ...finding, area }));
}

/** By area, and within it the problems first. */
const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted(
    (a, b) =>
      CHECK_AREAS.indexOf(a.area) - CHECK_AREAS.indexOf(b.area) ||
      FINDING_STATUSES.indexOf(b.status) - FINDING_STATUSES.indexOf(a.status),
  );

const redacted = (finding: Finding, redact: (text: string) => string): Finding => ({
  ...finding,
  params: Object.fromEntries(
    Object.entries(finding.params).map(([name, value]) => [name, typeof value === 'string' ? redact(value) : value]),
  ),
});
