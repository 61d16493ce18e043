import { makePackage } from '../../../scripts/package.ts'
import { testedFolder } from '../workspace.ts'

/** Makes the package the tests run, once before the first of them. */
export function setup(): Promise<void> {
  return makePackage(testedFolder)
}
