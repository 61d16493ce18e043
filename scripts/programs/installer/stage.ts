import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whenInterrupted } from '../../../runner/when-interrupted.ts'

/** Gives a folder of its own to some work, and removes it afterwards, also when a signal ends the work. */
export async function withStage<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'installer-'))
  const end = whenInterrupted(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  try {
    return await work(folder)
  } finally {
    end()
    await rm(folder, { recursive: true, force: true })
  }
}
