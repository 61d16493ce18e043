import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { type RunningLab, cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'
import { fresh, keptOpen } from './support/load.ts'

const WANTED = 100_000
const root = fileURLToPath(new URL('../..', import.meta.url))

afterEach(cleanUp)

async function ok(lab: RunningLab, script: string, ...args: string[]): Promise<void> {
  const ran = await runScript(script, ...args, '--lab', lab.admin)
  expect(ran, `${script} ${args.join(' ')}`).toMatchObject({ code: 0, stderr: '' })
}

/** Blue to green in stages, with blue drained and stopped; then the same way back. */
async function byPrograms(lab: RunningLab, artifacts: string): Promise<void> {
  for (const [from, to, version] of [
    ['blue', 'green', '1.4.0'],
    ['green', 'blue', '1.3.0'],
  ] as const) {
    const artifact = join(artifacts, `storefront-${version}`)
    await ok(lab, 'deploy.ts', '--color', to, '--artifact', artifact)
    await ok(lab, 'traffic.ts', 'shift', '--color', to, '--strategy', 'canary-10', '--hold', '1s')
    await ok(lab, 'traffic.ts', 'drain', '--color', from)
    await ok(lab, 'deploy.ts', 'stop', '--color', from)
  }
}

/** The same by the runbook, with its triggers and gates. Machines that are full answer late, which is not what is counted here. */
async function byRunbook(lab: RunningLab, artifacts: string): Promise<void> {
  for (const version of ['1.4.0', '1.3.0']) {
    const inputs = {
      lab: lab.admin,
      site: lab.url,
      artifacts,
      version,
      preset: 'lab',
      hold: '3s',
      memory: '4000',
    }
    const given = Object.entries({ ...inputs, changes: 'p95=30s p99=30s' })
    const args = [
      'exec',
      'blue-green',
      ...given.flatMap(([name, value]) => ['-i', `${name}=${value}`]),
      '--yes',
    ]
    const env = { RUNBOOK_STATE: join(lab.dir, 'state'), RUNBOOK_ACTOR: 'ada@example.com' }
    const ran = await runIn(root, args, env)
    expect(ran.code, ran.stderr).toBe(0)
  }
}

test.each([
  ['by programs with the embedded switch', [], byPrograms],
  ['by the runbook with HAProxy', ['--with', 'haproxy'], byRunbook],
] as const)(
  `blue-green %s, drain and stop included: 0 of at least ${WANTED} requests fail`,
  async (_, flags, thereAndBack) => {
    const lab = await startLab(await tempDir(), ...flags)
    const out = join(lab.dir, 'artifacts')
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
    // However fast the switches are, there are more of them until enough requests were sent.
    while (requests < WANTED) {
      const loads = [keptOpen(url), fresh(url)]
      await thereAndBack(lab, out)
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
  },
)
