import { setPace } from './backend/test/support/pace.ts';

/** Options that both selections of the server's tests share; Jest runs ESM through Node's `vm` modules. */
const shared = {
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/backend/test/support/load-nest.ts'],
  setupFilesAfterEnv: ['<rootDir>/backend/test/support/second-try.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
          target: 'es2023',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^#protocol$': '<rootDir>/backend/src/protocol/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/dist-building/', '<rootDir>/data/'],
};

/** @type {() => Promise<import('jest').Config>} */
export default async () => ({
  maxWorkers: 2,
  // For a test that hangs. (Jest ignores it within a project.)
  testTimeout: 120_000 * (await setPace()),
  projects: [
    {
      ...shared,
      displayName: 'server',
      testMatch: [
        '<rootDir>/backend/**/*.spec.ts',
        '<rootDir>/scripts/**/*.spec.ts',
        '<rootDir>/bench/**/*.spec.ts',
        '<rootDir>/backend/test/**/*.e2e-spec.ts',
      ],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/backend/test/services/'],
    },
    {
      // The whole server once more on PostgreSQL, and what only several processes show.
      ...shared,
      displayName: 'services',
      testMatch: ['<rootDir>/backend/test/**/*.e2e-spec.ts', '<rootDir>/backend/test/services/**/*.spec.ts'],
      // Proxies and models know no database.
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/backend/test/(?:proxies|providers|models)/'],
    },
    {
      // Hundreds of rounds of what goes wrong, and whether the suite notices when the server lacks a guard.
      ...shared,
      displayName: 'faults',
      testMatch: ['<rootDir>/backend/test/faults/*.{e2e,fault}-spec.ts'],
    },
    {
      // People and faults for half an hour, and what the server holds afterwards.
      ...shared,
      displayName: 'soak',
      testMatch: ['<rootDir>/backend/test/soak/*.soak-spec.ts'],
    },
  ],
});
