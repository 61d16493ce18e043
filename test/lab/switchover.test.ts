import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type RunningLab, cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import { fresh, keptOpen } from './support/load.ts'

const WANTED = 100_000
const MAX_ROUNDS = 8

afterEach(cleanUp)

async function ok(lab: RunningLab, script: string, ...args: string[]): Promise<void> {
  const ran = await runScript(script, ...args, '--lab', lab.admin)
  expect(ran, `${script} ${args.join(' ')}`).toMatchObject({ code: 0, stderr: '' })
}

/** Blue to green in stages, with blue drained and stopped; then the same way back. */
async function thereAndBack(lab: RunningLab, release: string): Promise<void> {
  const baseline = join(lab.dir, 'artifacts', 'storefront-1.3.0')
  for (const [from, to, artifact] of [
    ['blue', 'green', release],
    ['green', 'blue', baseline],
  ] as const) {
    await ok(lab, 'deploy.ts', '--color', to, '--artifact', artifact)
    await ok(lab, 'traffic.ts', 'shift', '--color', to, '--strategy', 'canary-10', '--hold', '1s')
    await ok(lab, 'traffic.ts', 'drain', '--color', from)
    await ok(lab, 'deploy.ts', 'stop', '--color', from)
  }
}

test.each([
  ['the embedded switch', []],
  ['HAProxy', ['--with', 'haproxy']],
] as const)(
  `blue-green with %s, drain and stop included: 0 of at least ${WANTED} requests fail`,
  async (_, flags) => {
    const lab = await startLab(await tempDir(), ...flags)
    const out = join(lab.dir, 'dist')
    await runScript(
      'build.ts',
      '--repository',
      join(lab.dir, 'storefront'),
      '--version',
      '1.4.0',
      '--out',
      out,
    )
    const url = `${lab.url}/echo?message=ping`
    let requests = 0
    let rounds = 0
    while (requests < WANTED && rounds < MAX_ROUNDS) {
      const loads = [keptOpen(url), fresh(url)]
      await thereAndBack(lab, join(out, 'storefront-1.4.0'))
      for (const { requests: counted, failed, report } of await Promise.all(
        loads.map((load) => load.stop()),
      )) {
        expect(failed, report).toBe(0)
        expect(counted, report).toBeGreaterThan(0)
        requests += counted
      }
      rounds++
    }
    process.stdout.write(`${requests} requests in ${rounds} rounds there and back, 0 failed\n`)
    expect(requests).toBeGreaterThanOrEqual(WANTED)
  },
)
