import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publish } from '../../adapters/redis.ts'
import { waitFor } from '../../lib/wait.ts'
import { loopback } from '../lab-model.ts'
import { type Component, startComponent } from './component.ts'
import { untilReady } from './monitoring.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

const PROGRAM = fileURLToPath(new URL('../../toasts.ts', import.meta.url))

const START_MS = 20_000

/** Starts the system's Redis, with nothing on disk, and the program that pages listen to. @throws {CliError} */
export async function startToasts(
  dir: string,
  ports: { redis: number; toasts: number },
  log: (line: string) => void,
): Promise<Component[]> {
  const folder = join(dir, 'redis')
  makeFolder(folder, 0o777)
  const own = ['--port', String(ports.redis), '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  const redis = startComponent('redis-server', own, folder, log)
  const address = `redis://127.0.0.1:${ports.redis}`
  const answers = await waitFor(async () => {
    if (redis.ended() !== undefined) throw redis.failure()
    return await publish(address, 'started', '').then(
      () => true,
      () => undefined,
    )
  }, START_MS)
  if (answers === undefined) throw redis.failure()
  const args = [PROGRAM, '--redis', address, '--port', String(ports.toasts)]
  const toasts = startComponent('toasts', args, folder, log, process.execPath)
  await untilReady(toasts, `${loopback(ports.toasts)}/toasts`)
  return [redis, toasts]
}
