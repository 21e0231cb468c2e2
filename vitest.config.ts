import { defineConfig } from 'vitest/config'
import { FailureReport } from './test/support/failure-report.ts'

const { CI, DISTRO_FAILURE_REPORT, DISTRO_INTEROP, DISTRO_REQUIRE_PEERS } = process.env

const unit = { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/interop/**'] }

/** Against other clients. Each test starts several processes: one test after another, so that none starves the other. */
const interop = {
  name: 'interop',
  include: ['test/interop/**/*.test.ts'],
  fileParallelism: false,
}

export default defineConfig({
  test: {
    pool: 'forks',
    // The default leaves a core idle where there are two, and most tests wait for processes and sockets anyway.
    maxWorkers: 2,
    // They end what hangs. How long a test takes on a busy machine with a slow disk proves nothing.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Nobody watches in CI: only what fails is worth a line.
    reporters: [CI === undefined ? 'default' : 'minimal', ...(DISTRO_FAILURE_REPORT ? [new FailureReport(DISTRO_FAILURE_REPORT)] : [])],
    // The peers are extra programs: their tests run when asked for (`npm run test:interop`), and always where they are required.
    projects: [unit, ...(DISTRO_INTEROP === undefined && DISTRO_REQUIRE_PEERS === undefined ? [] : [interop])].map((test) => ({
      extends: true,
      test: { ...test, globalSetup: 'test/support/build-once.ts' },
    })),
  },
})
