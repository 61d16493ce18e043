import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pagesPackage } from '../../../runner/kit/optional-package.ts'
import { makePackage, makePages } from '../../../scripts/package.ts'
import { launcher, singleFile, testedFolder } from '../workspace.ts'

/** Makes the packages the tests run, once before the first of them, as they are installed beside each other. */
export async function setup(): Promise<void> {
  await makePackage(testedFolder, false)
  await makePages(join(testedFolder, 'node_modules', pagesPackage))
  if (singleFile === undefined) return
  const file = JSON.stringify(resolve(singleFile))
  writeFileSync(launcher, `process.execve(${file}, [${file}, ...process.argv.slice(2)], process.env)\n`)
}
