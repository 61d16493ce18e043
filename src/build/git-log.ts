import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A commit that touched a file. */
export interface Change {
  hash: string
  /** ISO 8601, with the offset of who wrote it. */
  at: string
  /** The first line of its message. */
  subject: string
}

/**
 * What changed in the files below a folder, newest first, by path relative to `root`. One call of git for all of them;
 * none where there is no git, no repository, or only the last commits of one, which would claim every file for itself.
 */
export function changesBelow(folder: string, root: string): Map<string, Change[]> {
  const changes = new Map<string, Change[]>()
  if (existsSync(join(root, '.git', 'shallow'))) return changes
  for (const commit of log(folder, root).split('\0').slice(1)) {
    const [head = '', ...files] = commit.split('\n').filter((line) => line !== '')
    const [hash = '', at = '', subject = ''] = head.split('\u001F')
    for (const file of files) changes.set(file, [...(changes.get(file) ?? []), { hash, at, subject }])
  }
  return changes
}

function log(folder: string, root: string): string {
  const format = '--format=%x00%h%x1f%aI%x1f%s'
  const args = ['-c', 'core.quotePath=false', 'log', '--no-merges', '--relative', '--name-only', format]
  try {
    return execFileSync('git', [...args, '--', folder], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
      maxBuffer: 64 * 1024 * 1024,
    })
  } catch {
    return ''
  }
}
