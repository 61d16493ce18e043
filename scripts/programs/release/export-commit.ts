import { join, resolve } from 'node:path'
import { scratchFolder } from '../../../runner/scratch-folder.ts'
import { git } from '../../lib/git.ts'

/**
 * Checks a commit out into a folder of its own, without anything of the work tree, and removes it afterwards. It is a
 * repository, because tests of a product may ask git.
 */
export async function withExport<T>(
  repository: string,
  commit: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  using scratch = scratchFolder('release')
  const parent = scratch.path
  const folder = join(parent, 'export')
  const withoutHooks = ['-c', 'core.hooksPath=/dev/null', '-c', 'advice.detachedHead=false']
  const clone = ['clone', '--quiet', '--shared', '--no-checkout', '--template=']
  await git(parent, [...clone, resolve(repository), folder])
  await git(folder, [...withoutHooks, 'checkout', '--quiet', '--detach', commit])
  return await use(folder)
}
