import { expect, jest } from '@jest/globals';

/*
 * On a busy machine a test may exceed one of its deadlines. It gets a second try, which is listed at the end of the
 * run: such a test should be mended. A test that fails twice has failed. Fault tests get no second try,
 * and neither do attacks: one that has succeeded, such as a deletion, may fail the second time.
 */
if (!/\/test\/(faults|attacks)\//.test(expect.getState().testPath ?? ''))
  jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });
