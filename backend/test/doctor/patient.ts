import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIGRATIONS } from '../../migrations/index.js';
import { examine } from '../../src/config/examine/examine.js';
import { diagnose } from '../../src/doctor/diagnose.js';
import { sentenceOf } from '../../src/doctor/sentences.js';
import { exitCodeOf } from '../../src/doctor/terminal-report.js';
import type { FindingId, SystemCheck } from '../../src/protocol/http/index.js';
import { HttpServer } from '../../testing/http-server.js';

/** The result of a diagnosis as the command line has it. */
interface Diagnosed {
  readonly report: SystemCheck;
  readonly code: number;
  /** The sentences of the problems, by id; those of the same id joined by line breaks. */
  readonly problems: ReadonlyMap<FindingId, string>;
  readonly notes: ReadonlyMap<FindingId, string>;
}

/** Diagnoses an environment as `npm run doctor` does, with `.env` as given. */
export async function doctor(env: Record<string, string>, file: Record<string, string> = {}): Promise<Diagnosed> {
  const migrations = MIGRATIONS.map(({ name }) => name);
  const report = await diagnose({ examined: examine({ ...file, ...env }, file), migrations, isServer: false });
  const sentences = (status: string): ReadonlyMap<FindingId, string> => {
    const found = Map.groupBy(
      report.findings.filter((one) => one.status === status),
      ({ id }) => id,
    );
    return new Map([...found].map(([id, all]) => [id, all.map((one) => sentenceOf(one)).join('\n')]));
  };
  return { report, code: exitCodeOf(report), problems: sentences('problem'), notes: sentences('note') };
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lockstep-doctor-'));

/** A proxy that passes on requests, but no WebSockets. */
export const plainProxy = (target: () => string, headers: Record<string, string>): Promise<HttpServer> =>
  HttpServer.start(async (request, response) => {
    const passed = Object.entries(request.headers).filter(([name]) => name === 'x-lockstep-check');
    const answer = await fetch(new URL(request.url ?? '/', target()), {
      headers: { ...(Object.fromEntries(passed) as Record<string, string>), ...headers },
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
