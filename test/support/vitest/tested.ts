import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { takeExclusively } from '../../../runner/journal/record/exclusive.ts'
import { pagesPackage } from '../../../runner/kit/optional-package.ts'
import { makePackage, makePages } from '../../../scripts/package.ts'
import { launcher, singleFile, testedFolder } from '../workspace.ts'

/** Names the folder once a run of tests has made its packages: each of its projects sets itself up. */
const made = 'RUNBOOK_TESTED_MADE'

/**
 * Makes the packages the tests run, once before the first of them, as they are installed beside each other. They are for one
 * run of tests alone: another one would take the program away from under its processes.
 */
export async function setup(): Promise<(() => void) | undefined> {
  if (process.env[made] === testedFolder) return undefined
  mkdirSync(dirname(testedFolder), { recursive: true })
  // However this process ends, the kernel gives the lock back.
  const release = takeExclusively(`${testedFolder}.lock`, 0)
  if (!release)
    throw new Error('Another run of tests uses dist/tested: wait for its end, or run these in another clone')
  process.env[made] = testedFolder
  await makePackage(testedFolder, false)
  await makePages(join(testedFolder, 'node_modules', pagesPackage))
  if (singleFile !== undefined) {
    const file = JSON.stringify(resolve(singleFile))
    const start = `process.execve(${file}, [${file}, ...process.argv.slice(2)], process.env)`
    // Some tests put it on a path, as npm does with the package's.
    writeFileSync(launcher, `#!/usr/bin/env node\n${start}\n`, { mode: 0o755 })
  }
  return release
}
