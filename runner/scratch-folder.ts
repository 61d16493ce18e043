import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProblemError } from './model/problem.ts'
import { whenNotHeard } from './when-interrupted.ts'

/** A folder for temporary files, removed at the end of its block and when a signal ends the process: `using scratch = scratchFolder('check')`. */
export interface Scratch extends Disposable {
  path: string
}

/**
 * Makes a folder for temporary files that its owner alone can read, in TMPDIR or else in XDG_RUNTIME_DIR.
 * @throws {ProblemError} with exit code 2 when neither can be written to
 */
export function scratchFolder(purpose: string): Scratch {
  const runtime = process.env['XDG_RUNTIME_DIR']
  for (const parent of [tmpdir(), ...(runtime ? [runtime] : [])])
    try {
      const path = mkdtempSync(join(parent, `runbook-${purpose}-`))
      const remove = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 })
      const end = whenNotHeard(remove)
      return {
        path,
        [Symbol.dispose]() {
          end()
          remove()
        },
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'].includes(code ?? '')) throw error
    }
  throw new ProblemError(
    {
      message: `The folder for temporary files \`${tmpdir()}\` cannot be written to`,
      hint: 'Set TMPDIR to a folder that you can write to; in a container, mount a tmpfs on /tmp.',
    },
    2,
  )
}
