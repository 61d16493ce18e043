import { Agent } from 'node:http'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { requestJson } from '../../scripts/lib/ask-json.ts'
import { parseMetrics } from '../../scripts/lib/metrics-page.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { cleanUp, get, runScript, startLab, tempDir } from '../scripts/support.ts'

const KEEP_ALIVE_CLIENTS = 50
const FRESH_CLIENTS = 20
const PER_STAGE = 3500
const TOTAL = 20_000
/** Longest wait for the requests of a stage. */
const SLOW_MS = 120_000

afterAll(cleanUp)

interface Tally {
  done: number
  failed: string[]
  byColor: Record<string, number>
}

/** Clients that ask without a pause until told to stop. */
function startClients(url: string): { tally: Tally; stop(): Promise<void> } {
  const tally: Tally = { done: 0, failed: [], byColor: {} }
  const progress = { running: true }
  const ask = async (user: string, agent: Agent | false): Promise<void> => {
    while (progress.running) {
      const answer = await get(
        `${url}/echo?message=ping`,
        { 'x-user-id': `${user}-${tally.done}` },
        agent,
      ).catch(String)
      tally.done++
      if (typeof answer === 'string') tally.failed.push(answer)
      else if (answer.status !== 200 || answer.text !== 'pong')
        tally.failed.push(`${answer.status} ${answer.text}`)
      else
        tally.byColor[String(answer.headers['x-color'])] =
          (tally.byColor[String(answer.headers['x-color'])] ?? 0) + 1
    }
  }
  const agent = new Agent({ keepAlive: true, maxSockets: KEEP_ALIVE_CLIENTS })
  const clients = [
    ...Array.from({ length: KEEP_ALIVE_CLIENTS }, (_, index) => ask(`kept-${index}`, agent)),
    ...Array.from({ length: FRESH_CLIENTS }, (_, index) => ask(`fresh-${index}`, false)),
  ]
  return {
    tally,
    async stop() {
      progress.running = false
      await Promise.all(clients)
      agent.destroy()
    },
  }
}

test('switching from blue to green under load, draining and stopping blue and going back loses no request', async () => {
  const lab = await startLab(await tempDir())
  const out = join(lab.dir, 'dist')
  await runScript('build.ts', '--repository', join(lab.dir, 'storefront'), '--version', '1.4.0', '--out', out)
  const clients = startClients(lab.url)
  const { tally } = clients
  const stage = async (): Promise<void> => {
    const goal = tally.done + PER_STAGE
    await waitFor(() => (tally.done >= goal ? true : undefined), SLOW_MS)
  }
  const ok = async (...args: [string, ...string[]]): Promise<void> => {
    expect(await runScript(...args, '--lab', lab.admin)).toMatchObject({ code: 0, stderr: '' })
  }

  await ok('deploy.ts', '--color', 'green', '--artifact', join(out, 'storefront-1.4.0'))
  for (const green of ['10', '50', '100']) {
    await ok('traffic.ts', 'set', '--green', green)
    await stage()
  }
  await ok('deploy.ts', 'stop', '--color', 'blue')
  await stage()
  await ok('deploy.ts', '--color', 'blue', '--artifact', join(lab.dir, 'artifacts', 'storefront-1.3.0'))
  await ok('traffic.ts', 'set', '--green', '0')
  await ok('deploy.ts', 'stop', '--color', 'green')
  await stage()
  const goal = Math.max(TOTAL, tally.done)
  await waitFor(() => (tally.done >= goal ? true : undefined), SLOW_MS)
  await clients.stop()

  expect(tally.failed).toEqual([])
  expect(tally.done).toBeGreaterThanOrEqual(TOTAL)
  expect(tally.byColor['green']).toBeGreaterThan(PER_STAGE)
  const seen = parseMetrics((await get(`${lab.admin}/metrics`)).text).filter(
    ({ name }) => name === 'switch_requests_total',
  )
  expect(seen.filter(({ labels }) => labels['code'] !== '200')).toEqual([])
  expect(seen.reduce((sum, { value }) => sum + value, 0)).toBe(tally.done)
  expect((await requestJson('GET', `${lab.admin}/state`)).body).toMatchObject({
    colors: { green: { state: 'stopped' } },
  })
})
