import { join } from 'node:path'
import { pagesPackage } from '../../../runner/kit/optional-package.ts'
import { makePackage, makePages } from '../../../scripts/package.ts'
import { testedFolder } from '../workspace.ts'

/** Makes the packages the tests run, once before the first of them, as they are installed beside each other. */
export async function setup(): Promise<void> {
  await makePackage(testedFolder)
  await makePages(join(testedFolder, 'node_modules', pagesPackage))
}
