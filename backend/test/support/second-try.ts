import { expect, jest } from '@jest/globals';

/*
 * On a busy machine a test may exceed one of its deadlines. It gets a second try, which is listed at the end of the
 * run: such a test should be mended. A test that fails twice has failed. Fault tests get no second try.
 */
if (!expect.getState().testPath?.includes('/test/faults/')) jest.retryTimes(1, { logErrorsBeforeRetry: true });
