import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** Everything that can go red: a test, a suite's hook, a file that does not load, an error nobody caught. */
const count = (modules: readonly TestModule[], unhandled: number) => {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const having = (state: string) => tests.filter((test) => test.result().state === state).length
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const broken = suites.filter((suite) => suite.errors().length > 0).length
  return {
    passed: having('passed'),
    failed: having('failed') + broken + unhandled,
    skipped: having('skipped'),
  }
}

/**
 * Prints `N passed, N failed` (and `, N skipped`) as the last line of a run, plain, for people and scripts.
 * A run in which no test ran fails: green must mean that something was looked at.
 */
export const total = (): Reporter => ({
  onTestRunEnd(modules, unhandledErrors) {
    const counts = count(modules, unhandledErrors.length)
    const { passed, failed, skipped } = counts
    if (passed + failed === 0) process.exitCode = 1
    // `npm test` adds them to what its other checks say.
    const file = process.env['TEST_COUNTS']
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts))
    process.stdout.write(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`)
  },
})
