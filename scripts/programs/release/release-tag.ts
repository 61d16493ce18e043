import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { git } from '../../lib/git.ts'

/**
 * Whether the tag of a version is on the commit already. A release has one tag, annotated, that is never moved.
 * @throws {CliError} when the tag is on another commit, or lightweight
 */
export async function isTagged(repository: string, version: string, commit: string): Promise<boolean> {
  const name = `refs/tags/v${version}`
  const type = await git(repository, ['cat-file', '-t', name]).catch(() => undefined)
  if (type === undefined) return false
  const tagged = await git(repository, ['rev-parse', `${name}^{commit}`])
  if (type === 'tag' && tagged === commit) return true
  throw new CliError(
    exit.failed,
    type === 'tag'
      ? `The tag v${version} is on commit ${tagged}, and this release is of ${commit}`
      : `The tag v${version} is a lightweight tag: it does not say who released what, and when`,
    'A version is released once: raise it, or delete the tag if nobody has fetched it.',
  )
}

/** Tags the commit. The message names the run that checked it. */
export async function tagCommit(
  repository: string,
  version: string,
  commit: string,
  run: string,
): Promise<void> {
  await git(repository, ['tag', '-a', `v${version}`, '-m', `Release ${version}`, '-m', `Run: ${run}`, commit])
}

/** Removes the tag when it is on the commit. @returns whether there was one */
export async function untag(repository: string, version: string, commit: string): Promise<boolean> {
  if (!(await isTagged(repository, version, commit))) return false
  await git(repository, ['tag', '-d', `v${version}`])
  return true
}
