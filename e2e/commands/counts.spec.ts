import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { countJest, countPlaywright, line, slowest, sumOfRun, total, troubles } from '../../scripts/counts.ts';

describe('counts of tests', () => {
  it('counts a failed file without failed tests as one, and no test twice', () => {
    const test = (status: string): { status: string } => ({ status });
    const late = { status: 'passed', fullName: 'the socket answers', invocations: 2, duration: 1_500 };
    const report = {
      numPassedTests: 3,
      numFailedTests: 2,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [
        { status: 'passed', assertionResults: [test('passed'), late] },
        {
          status: 'failed',
          assertionResults: [test('passed'), test('failed'), { ...test('failed'), fullName: 'it counts' }],
        },
        { status: 'failed', name: resolve('backend/test/broken.spec.ts'), assertionResults: [] },
      ],
    };
    const { times, ...counts } = countJest(report);
    expect(counts).toEqual({
      passed: 3,
      failed: 3,
      skipped: 3,
      failures: ['a test without a name', 'it counts', 'backend/test/broken.spec.ts'],
      secondTries: ['the socket answers'],
    });
    expect(slowest(times, 1)).toEqual([{ title: 'the socket answers', seconds: 1.5 }]);
  });

  it('names flaky tests, and counts errors outside of tests as failed', () => {
    const report = {
      stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 },
      errors: [{ message: 'no browser' }],
      suites: [
        {
          specs: [
            { title: 'at once', tests: [{ status: 'expected' }] },
            { title: 'never', tests: [{ status: 'unexpected' }] },
          ],
          suites: [
            {
              specs: [
                { title: 'in the end', tests: [{ status: 'flaky', results: [{ duration: 300 }, { duration: 200 }] }] },
              ],
            },
          ],
        },
      ],
    };
    const { times, ...counts } = countPlaywright(report);
    expect(counts).toEqual({
      passed: 6,
      failed: 2,
      skipped: 2,
      failures: ['never', 'an error outside of the tests'],
      secondTries: ['in the end'],
    });
    expect(slowest(times, 1)).toEqual([{ title: 'in the end', seconds: 0.5 }]);
  });

  it('refuses a report in another format instead of counting nothing', () => {
    expect(() => countJest({ stats: {} })).toThrow();
    expect(() => countPlaywright({ numPassedTests: 1 })).toThrow();
  });

  it('counts a failed step as one failed test, unless one of its tests has failed', () => {
    const suites = new Map([
      ['server', { passed: 9, failed: 2, skipped: 0 }],
      ['services', { passed: 4, failed: 0, skipped: 0 }],
    ]);
    expect(sumOfRun(suites, [])).toEqual({ passed: 13, failed: 2, skipped: 0 });
    expect(sumOfRun(suites, ['test'])).toEqual({ passed: 13, failed: 2, skipped: 0 });
    expect(sumOfRun(suites, ['check', 'test', 'test:services'])).toEqual({ passed: 13, failed: 4, skipped: 0 });
    expect(sumOfRun(new Map(), ['test'])).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('names what failed, and what needed a second attempt, before the counts', () => {
    const suites = new Map([
      ['server', { failures: ['the socket answers'], secondTries: [] }],
      ['browser', { failures: [], secondTries: ['a tab follows'] }],
    ]);
    expect(troubles(suites, ['check'])).toEqual([
      'Failed:',
      '  server: the socket answers',
      'Passed only at the second attempt:',
      '  browser: a tab follows',
      'Failed steps: check',
    ]);
    expect(troubles(new Map([['page', { failures: [], secondTries: [] }]]))).toEqual([]);
  });

  it('ends with one line', () => {
    const sum = total([
      { passed: 1, failed: 0, skipped: 2 },
      { passed: 10, failed: 1, skipped: 0 },
    ]);
    expect(line(sum)).toBe('11 passed, 1 failed, 2 skipped');
  });
});
