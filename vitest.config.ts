import { defineConfig } from 'vitest/config'
import { patienceMs } from './test/support/patience.ts'
import { LongestFirst } from './test/support/vitest/longest-first.ts'
import { total } from './test/support/vitest/reporter.ts'

const slow = ['test/{e2e,scripts,site}/**/*.test.ts']
const properties = ['{runner,scripts,src}/**/*.property.test.ts']
const apart = ['test/{torture,lab,load,team}/**/*.test.ts']
/** When the run is over or killed: none of its processes survives, and its folder for temporary files is removed. */
const watchdog = 'test/support/vitest/watchdog.ts'
const compiledCode = 'test/support/vitest/compiled-code.ts'
/** After every file of tests: no process of a step survives. */
const leavesNothing = [compiledCode, 'test/support/vitest/no-survivors.ts']
/** The program under test is made first, as it is installed. */
const tested = 'test/support/vitest/tested.ts'
const isLong = process.env['EFFORT'] === 'long'
/** A machine that others use as well may take ten times as long, and a site waits for those before it. */
const limits = { testTimeout: 600_000, hookTimeout: 600_000 }
const isShuffled = process.argv.some((word) => word.startsWith('--sequence.shuffle'))

export default defineConfig({
  test: {
    passWithNoTests: false,
    // `--sequence.shuffle` brings an order of its own.
    ...(isShuffled ? {} : { sequence: { sequencer: LongestFirst } }),
    // Programs say more on a machine of CI, and tests expect the same words everywhere.
    env: { CI: '' },
    expect: { poll: { timeout: patienceMs } },
    // The total comes last, so that its line is the last one.
    reporters: [
      ['default', { summary: false }],
      ...(process.env['GITHUB_ACTIONS'] ? (['github-actions'] as const) : []),
      total(),
    ],
    coverage: {
      // Programs that tests start as processes are not counted: see CONTRIBUTING.md.
      provider: 'v8',
      reportOnFailure: true,
      include: ['{runner,scripts,src}/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary', 'html'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{runner,scripts,src,test}/**/*.test.ts'],
          exclude: [...slow, ...properties, ...apart],
          setupFiles: compiledCode,
          globalSetup: watchdog,
          isolate: false,
          testTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'property',
          include: properties,
          setupFiles: compiledCode,
          globalSetup: watchdog,
          isolate: false,
          // A busy machine takes its time, and the long forms take hours.
          testTimeout: isLong ? 3_600_000 : 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: slow,
          setupFiles: leavesNothing,
          globalSetup: [watchdog, tested],
          ...limits,
          // Beginning anew for each file costs more than some files do.
          isolate: false,
          // Three times the cores of the machine of CI: much of a test is waiting for disks and for the one build of the site at a time.
          maxWorkers: 6,
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
          globalSetup: [watchdog, tested],
          ...limits,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          // Several machines and one PostgreSQL, which each file starts for itself.
          name: 'team',
          include: ['test/team/**/*.test.ts'],
          setupFiles: leavesNothing,
          globalSetup: [watchdog, tested],
          ...limits,
          ...(isLong ? { testTimeout: 3_600_000 } : {}),
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          // Each test starts servers of its own.
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          setupFiles: leavesNothing,
          globalSetup: [watchdog, tested],
          ...limits,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          // Many requests a second, while a switch is thrown: one at a time.
          name: 'load',
          include: ['test/load/**/*.test.ts'],
          setupFiles: leavesNothing,
          globalSetup: [watchdog, tested],
          ...limits,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
})
