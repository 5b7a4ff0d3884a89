import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { refuses } from '../../testing/model/script.js';
import { begin, newMessage, whenEnded } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';
import { METRICS_TOKEN, readMetrics, type Readings } from './readings.js';

const OWN = /^lockstep_/;
const NOT_ON_POSTGRESQL = 'lockstep_sqlite_log_bytes';
/** The unit that a name ends with; other metrics count something. */
const UNIT = /_(seconds|bytes)$/;

/** The cells of the rows of a section of docs/metrics.md that name a metric. */
function rowsOf(section: string): string[][] {
  const [, after = ''] = readFileSync('docs/metrics.md', 'utf8').split(`## ${section}\n`);
  const [part = ''] = after.split('\n## ');
  const rows = part.split('\n').filter((line) => /^\| `\w+_\w+`/.test(line));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** The families that a server returned, as they should be documented. */
function returned({ families, samples }: Readings): Map<string, { type: string; labels: string[]; buckets: string[] }> {
  return new Map(
    families.map(({ name, type }) => {
      const own = samples.filter((sample) => sample.name === (type === 'histogram' ? `${name}_bucket` : name));
      const labels = [...new Set(own.flatMap((sample) => Object.keys(sample.labels)))].filter(
        (label) => label !== 'le',
      );
      const buckets = [...new Set(own.flatMap(({ labels: { le = '+Inf' } }) => (le === '+Inf' ? [] : [le])))];
      return [name, { type, labels: labels.sort(), buckets }];
    }),
  );
}

const listOf = (cell = ''): string[] => (cell === '' ? [] : cell.split(', '));

describe('docs/metrics.md', () => {
  let server: TestServer;
  let readings: Readings;
  beforeAll(async () => {
    server = await TestServer.start({ METRICS_TOKEN, MAX_SENDS_PER_MINUTE: '1', BACKUP_EVERY: '1d' });
    const tab = await server.connect(await server.signIn('Ada'));
    // Some metrics have no values before something has failed.
    server.model.next(refuses(401));
    const { stream } = await begin(tab);
    await whenEnded(tab, stream);
    await tab.refused('message:send', newMessage());
    await readMetrics(server.url);
    readings = await readMetrics(server.url);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('describes each metric of Lockstep that a server returns, and no others', () => {
    const rows = rowsOf('Metrics of Lockstep').filter(
      ([name]) => process.env['TEST_DATABASE_URL'] === undefined || name !== NOT_ON_POSTGRESQL,
    );
    const documented = rows.map(([name = '', type, labels, , , buckets]) => [
      name,
      { type, labels: listOf(labels).sort(), buckets: listOf(buckets) },
    ]);
    expect(documented.length).toBeGreaterThan(20);
    const own = [...returned(readings)].filter(([name]) => OWN.test(name));
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(own));
  });

  it('has the unit of each', () => {
    for (const [name = '', , , unit = ''] of rowsOf('Metrics of Lockstep')) {
      const [, ending] = UNIT.exec(name) ?? [];
      if (ending === undefined) expect([name, unit]).not.toEqual([name, '']);
      else expect([name, unit]).toEqual([name, ending]);
    }
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('lists each metric of Node (on Linux)', () => {
    const documented = rowsOf('Metrics of Node').map(([name, type]) => [name, type]);
    const ofNode = readings.families.filter(({ name }) => !OWN.test(name)).map(({ name, type }) => [name, type]);
    expect(new Map(documented as [string, string][])).toEqual(new Map(ofNode as [string, string][]));
  });
});
