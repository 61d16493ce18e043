import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { waitFor } from '../../scripts/lib/wait.ts'
import { cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'
import { startPrometheus } from '../support/servers/prometheus.ts'

const SCRAPE_MS = 250
const STORED_MS = 60_000

afterAll(cleanUp)

test('the smoke tests ask a real Prometheus for the critical metrics, by the labels of the environment', async () => {
  const lab = await startLab(await tempDir(), '--load', '20')
  const { url } = (await lab.state()).colors.blue
  const server = await startPrometheus([{ name: 'shop', port: Number(new URL(url).port) }], SCRAPE_MS)
  const file = join(lab.dir, 'environments.yaml')
  const environment = (job: string): string =>
    JSON.stringify({ site: lab.url, lab: lab.admin, prometheus: server.url, labels: `job="${job}"` })
  await writeFile(
    file,
    `environments:\n  right: ${environment('shop')}\n  wrong: ${environment('another')}\n`,
  )
  const smoke = (name: string): Promise<Ran> =>
    runScript('smoke.ts', '--environment', name, '--environments', file, '--json')
  const suites = ({ stdout }: Ran): unknown =>
    (JSON.parse(stdout) as { suites: { name: string; ok: boolean }[] }).suites.map(({ name, ok }) => [
      name,
      ok,
    ])
  const others = ['health', 'metrics', 'critical-metrics', 'echo', 'counter'].map((name) => [name, true])
  try {
    // The server has stored nothing before its first scrape.
    const passed = await waitFor(async () => {
      const ran = await smoke('right')
      return ran.code === 0 ? ran : undefined
    }, STORED_MS)
    expect(passed && suites(passed)).toEqual([...others, ['prometheus', true]])
    const failed = await smoke('wrong')
    expect([failed.code, suites(failed)]).toEqual([1, [...others, ['prometheus', false]]])
    expect(failed.stdout).toContain('has not stored http_requests_total')
  } finally {
    await server.stop()
  }
  const gone = await smoke('right')
  expect([gone.code, suites(gone)]).toEqual([1, [...others, ['prometheus', false]]])
})
