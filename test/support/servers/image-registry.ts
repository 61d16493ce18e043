import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { anotherPort } from '../../../scripts/lab/servers/ports.ts'
import { waitFor } from '../../../scripts/lib/wait.ts'
import { patienceMs } from '../patience.ts'

/** The registry of the system's packages, on loopback, with its images below a folder. */
export async function imageRegistry(folder: string): Promise<{ host: string; [Symbol.dispose](): void }> {
  mkdirSync(folder)
  const host = `127.0.0.1:${await anotherPort(0, 0, [])}`
  const storage = { filesystem: { rootdirectory: join(folder, 'images') } }
  writeFileSync(
    join(folder, 'config.yml'),
    JSON.stringify({ version: 0.1, log: { level: 'error' }, storage, http: { addr: host } }),
  )
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  const answers = async (): Promise<true | undefined> =>
    await fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok || undefined,
      () => undefined,
    )
  if ((await waitFor(answers, patienceMs)) === undefined)
    throw new Error('The registry of images does not answer.')
  return { host, [Symbol.dispose]: () => void child.kill('SIGKILL') }
}
