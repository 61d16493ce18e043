import {
  accessSync,
  chmodSync,
  constants,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'

/**
 * Writes a text into a file so that an interrupt leaves the old content or the new, never a part. A link stays a link, and the file
 * keeps its permissions. A pipe is written to as it is. Throws for a file that may not be written, although its folder may.
 */
export function putFile(path: string, text: string): void {
  const before = statSync(path, { throwIfNoEntry: false })
  if (before && !before.isFile()) return writeFileSync(path, text)
  const target = before ? realpathSync(path) : path
  if (before) accessSync(target, constants.W_OK)
  const draft = `${target}.tmp`
  rmSync(draft, { force: true })
  try {
    writeFileSync(draft, text, { flag: 'wx', ...(before && { mode: before.mode & 0o777 }) })
    // The umask has taken bits away.
    if (before) chmodSync(draft, before.mode & 0o777)
    renameSync(draft, target)
  } finally {
    rmSync(draft, { force: true })
  }
}
