import { defineConfig } from 'vitest/config'
import { total } from './test/support/reporter.ts'

const slow = ['test/e2e/**/*.test.ts', 'test/scripts/**/*.test.ts', 'test/site/**/*.test.ts']
/** After every file of tests: no process of a step survives. */
const leavesNothing = ['test/support/no-survivors.ts']
/** The program under test is made first, as it is installed. */
const tested = 'test/support/tested.ts'
const apart = ['test/torture/**/*.test.ts', 'test/lab/**/*.test.ts']

export default defineConfig({
  test: {
    passWithNoTests: false,
    env: { RUNBOOK_CACHE: 'off' },
    // The total comes last, so that its line is the last one.
    reporters: [
      ['default', { summary: false }],
      ...(process.env['GITHUB_ACTIONS'] ? (['github-actions'] as const) : []),
      total(),
    ],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{runner,scripts,src,test}/**/*.test.ts'],
          exclude: [...slow, ...apart],
          isolate: false,
          // Properties try thousands of cases; a busy machine takes its time.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: slow,
          setupFiles: leavesNothing,
          globalSetup: tested,
          testTimeout: 120_000,
          hookTimeout: 240_000,
          maxWorkers: 2,
          // After the unit tests: these measure and wait on real processes, which a busy machine disturbs.
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'torture',
          include: ['test/torture/**/*.test.ts'],
          setupFiles: leavesNothing,
          globalSetup: tested,
          testTimeout: 600_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          globalSetup: tested,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // The lab's ports and its traffic switch are one system; two files would fight over them.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
