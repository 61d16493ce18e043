import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { startPrometheus } from '../support/servers/prometheus.ts'
import { binary, commandStep, page, workspace } from '../support/workspace.ts'

test('Prometheus scrapes the metrics of the runs from `alerts serve` as OpenMetrics', async () => {
  using space = workspace({
    'content/runbooks/a.mdx': page(commandStep('one', 'true')),
    'content/runbooks/b.mdx': page(commandStep('one', 'false')),
  })
  expect((await space.runbook(['exec', 'a', '--yes'])).code).toBe(0)
  expect((await space.runbook(['exec', 'b', '--yes'])).code).toBe(1)
  const server = spawn(process.execPath, [binary, 'alerts', 'serve', '--port', '0', '--json'], {
    cwd: space.root,
  })
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    const { port } = new URL((JSON.parse(line) as { address: string }).address)
    const prometheus = await startPrometheus([{ name: 'runbook', port: Number(port) }], 250)
    try {
      const query = async (text: string): Promise<unknown> => {
        const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(text)}`)
        return ((await answer.json()) as { data: { result: unknown } }).data.result
      }
      const scraped = (): Promise<unknown> => query('up{job="runbook"} == 1')
      await expect.poll(scraped).toHaveLength(1)
      for (const [runbook, result] of [
        ['a', 'success'],
        ['b', 'failure'],
      ])
        // A scrape that comes late on a busy machine takes the figures away until the next.
        await expect
          .poll(() => query(`runbook_runs_total{runbook="${runbook}",result="${result}"}`))
          .toMatchObject([{ value: [expect.anything(), '1'] }])
      expect(await query('runbook_run_duration_seconds_count{runbook="a"}')).toHaveLength(1)
      const metadata = await fetch(`${prometheus.url}/api/v1/metadata?metric=runbook_run_duration_seconds`)
      expect(await metadata.json()).toMatchObject({
        data: { runbook_run_duration_seconds: [{ type: 'histogram', unit: 'seconds' }] },
      })
    } finally {
      await prometheus.stop()
    }
  } finally {
    server.kill()
    await once(server, 'exit')
  }
})
