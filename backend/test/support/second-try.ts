import { expect, jest } from '@jest/globals';

/*
 * On a machine that does much else a test may run into one of its deadlines. It has a second try, which the end of
 * the run names: such a test is to be mended. What fails twice has failed. A fault that was noticed once is a fault.
 */
if (!expect.getState().testPath?.includes('/test/faults/')) jest.retryTimes(1, { logErrorsBeforeRetry: true });
