import { open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { codeOf } from './errors.ts'
import { waitFor } from './wait.ts'
import { makeFolder } from '../../runner/make-folder.ts'

const LIMIT_MS = 10_000
const POLL_MS = 10

/**
 * Runs `work` while no other process of this machine does the same for the same file. A lock whose process has ended
 * is taken over.
 * @throws {CliError} when another process keeps it for more than 10 seconds
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`
  makeFolder(dirname(file), 0o777)
  const held = await waitFor(() => take(lock), LIMIT_MS, POLL_MS)
  if (held === undefined)
    throw new CliError(
      exit.failed,
      `${file} is being changed by somebody else: ${lock} is held by process ${await holder(lock)}`,
      'Wait until that process has ended, then try again.',
    )
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<true | undefined> {
  try {
    const file = await open(lock, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    const pid = Number(await holder(lock))
    // An empty file belongs to a process that is just writing its number into it.
    if (pid > 0 && !isAlive(pid)) await rm(lock, { force: true })
    return undefined
  }
}

async function holder(lock: string): Promise<string> {
  return await readFile(lock, 'utf8').catch(() => '')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
