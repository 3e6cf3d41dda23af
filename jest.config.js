// Certificates from NODE_EXTRA_CA_CERTS cost 39 ms at every node start, and specs start many.
delete process.env.NODE_EXTRA_CA_CERTS;

const transform = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Not the whole checkout: dist and dist-tools hold second copies of everything.
  roots: ['<rootDir>/src', '<rootDir>/spec', '<rootDir>/examples'],
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', transform] },
  // Sources import './x.js', as node wants it; under jest that is still x.ts.
  moduleNameMapper: {
    // RXSHIM_RECORD=FILE records the lives of all tasks that the specs make: `npm run simulate -- --accept FILE`.
    ...(process.env.RXSHIM_RECORD && {
      '/streams/task/task\\.js$': '<rootDir>/spec/support/recorded-task.ts',
      '^\\./task/task\\.js$': '<rootDir>/spec/support/recorded-task.ts',
    }),
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Examples import the package as users do.
    '^rxshim$': '<rootDir>/src/index.ts',
    '^rxshim/agent$': '<rootDir>/src/agent/index.ts',
    '^rxshim/docker$': '<rootDir>/src/hcs/docker/index.ts',
    '^rxshim/kubernetes$': '<rootDir>/src/hcs/kubernetes/index.ts',
    '^rxshim/local$': '<rootDir>/src/hcs/local/index.ts',
    '^rxshim/orchestrate$': '<rootDir>/src/orchestrate/index.ts',
    '^rxshim/testing$': '<rootDir>/src/testing.ts',
    '^rxshim/testing/contract$': '<rootDir>/src/testing/contract/index.ts',
  },
  // Some specs run real processes on busy machines.
  testTimeout: 60_000,
  // As many as there are processors: most of the time is spent waiting for processes.
  maxWorkers: '100%',
  // A worker that has nothing to do any more may need longer than half a second for it on a busy machine. One that is
  // kept by something that a spec has left open does not end at all.
  workerGracefulExitTimeout: 20_000,
  setupFilesAfterEnv: ['<rootDir>/spec/support/each-file.ts'],
  globalSetup: '<rootDir>/scripts/jest-begin.mjs',
  globalTeardown: '<rootDir>/scripts/jest-end.mjs',
  watchman: false,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
};
