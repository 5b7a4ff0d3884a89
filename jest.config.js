import { setPace } from './backend/testing/pace.ts';

/** Options that all projects share; Jest runs ESM through Node's `vm` modules. */
const shared = {
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/backend/test/support/load-nest.ts'],
  setupFilesAfterEnv: [
    '<rootDir>/backend/test/support/second-try.ts',
    '<rootDir>/backend/test/support/kept-contract.ts',
  ],
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
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/dist-\\w+/', '<rootDir>/data/'],
};

/** @type {() => Promise<import('jest').Config>} */
export default async () => ({
  // One more than cores: many tests wait for processes that they have started.
  maxWorkers: 3,
  // ES modules of earlier test files are not freed, and collecting that garbage would take a quarter of the time.
  workerIdleMemoryLimit: '500MB',
  // The end of a process with that much memory takes longer than the half second of the default.
  workerGracefulExitTimeout: 10_000,
  // For a test that hangs. (Jest ignores it within a project.)
  testTimeout: 120_000 * (await setPace()),
  projects: [
    {
      ...shared,
      displayName: 'server',
      testMatch: [
        '<rootDir>/backend/**/*.spec.ts',
        '<rootDir>/e2e/**/*.spec.ts',
        '<rootDir>/bench/**/*.spec.ts',
        '<rootDir>/backend/test/**/*.e2e-spec.ts',
      ],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/backend/test/services/'],
    },
    {
      // The whole server again on PostgreSQL, and tests that need several processes.
      ...shared,
      displayName: 'services',
      testMatch: ['<rootDir>/backend/test/**/*.e2e-spec.ts', '<rootDir>/backend/test/services/**/*.spec.ts'],
      // Proxies, monitoring, images and models do not use the database, and of the attacks only some depend on which one it is.
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/backend/test/(?:proxies|ops|deploy|providers|models)/',
        '<rootDir>/backend/test/attacks/(?!injection|objects|secrets)',
        // Changes the environment and the file of an installation on SQLite; of PostgreSQL it has fakes.
        '<rootDir>/backend/test/doctor/misconfigurations',
      ],
    },
    {
      // Hundreds of fault rounds, and tests that the suite notices a missing guard.
      ...shared,
      displayName: 'faults',
      testMatch: ['<rootDir>/backend/test/faults/*.{e2e,fault}-spec.ts'],
    },
    {
      // Users and faults for half an hour, and the memory of the server afterwards.
      ...shared,
      displayName: 'soak',
      testMatch: ['<rootDir>/backend/test/soak/*.soak-spec.ts'],
    },
  ],
});
