import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { cleanUp, runScript, startLab, startScript, tempDir } from '../scripts/support.ts'
import { alertingIsInstalled, startAlerting, until } from '../support/servers/alertmanager.ts'
import type { Program } from '../support/servers/alertmanager.ts'
import { runIn } from '../support/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Alert {
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
}

const rules = parse(readFileSync(join(root, 'scripts/lab/alerts.yml'), 'utf8')) as {
  groups: { name: string; interval?: string; rules: { alert: string; expr: string; for: string }[] }[]
}

/** The lab's own rules, with seconds in place of minutes. */
function quick(alert: string): object[] {
  return rules.groups.map((group) => ({
    ...group,
    interval: '200ms',
    rules: group.rules
      .filter((rule) => rule.alert === alert)
      .map((rule) => ({ ...rule, for: '0s', expr: rule.expr.replaceAll('[1m]', '[3s]') })),
  }))
}

afterAll(cleanUp)

test('every link of the lab’s alerts leads to a step that is there', async () => {
  const ran = await runIn(
    root,
    ['alerts', 'check', 'scripts/lab/alerts.yml', '--base-url', 'http://127.0.0.1:4321'],
    {},
  )
  expect(ran.code, ran.stdout).toBe(0)
  expect(ran.stderr).toContain('0 errors, 0 warnings')
})

describe.skipIf(!alertingIsInstalled)('with a real Prometheus and Alertmanager', () => {
  async function follow(
    alert: string,
    targets: readonly string[],
    dir: string,
  ): Promise<{ heard: Alert[]; programs: Program[]; close: () => void }> {
    const heard: Alert[] = []
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', (chunk: Buffer) => (text += chunk.toString()))
      request.on('end', () => {
        heard.push(...(JSON.parse(text) as { alerts: Alert[] }).alerts)
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    writeFileSync(join(dir, 'secret'), 'a secret')
    const write = (path: string, text: string): void => {
      const config =
        path === 'prometheus.yml'
          ? {
              ...(JSON.parse(text) as object),
              scrape_configs: [{ job_name: 'lab', static_configs: [{ targets }] }],
            }
          : JSON.parse(text)
      writeFileSync(join(dir, path), JSON.stringify(config))
    }
    const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const programs = await startAlerting({
      folder: dir,
      groups: quick(alert),
      webhook,
      secretFile: join(dir, 'secret'),
      write,
    })
    return { heard, programs, close: () => server.close().closeAllConnections() }
  }

  const is = (heard: readonly Alert[], status: Alert['status']) => (): Promise<boolean> =>
    Promise.resolve(heard.some((alert) => alert.status === status))
  const answersFile = (dir: string): string => {
    const file = join(dir, 'answers.yaml')
    writeFileSync(
      file,
      'actor: test@example.com\nanswers:\n  since: done\n  may-end: done\n  end: { confirm: end }\n',
    )
    return file
  }

  test.each(['HighErrorRate', 'HighLatency'])(
    '%s fires, its link runs the page, and the alert is resolved',
    async (alert) => {
      const dir = await tempDir()
      const lab = await startLab(dir, '--load', '200')
      const out = join(dir, 'out')
      await runScript('build.ts', '--repository', join(dir, 'storefront'), '--version', '1.4.0', '--out', out)
      await runScript(
        'deploy.ts',
        '--color',
        'green',
        '--artifact',
        join(out, 'storefront-1.4.0'),
        '--lab',
        lab.admin,
      )
      await runScript('traffic.ts', 'set', '--green', '100', '--lab', lab.admin)
      const { colors } = await lab.state()
      const targets = [lab.admin, colors.blue.url, colors.green.url].map((url) => new URL(url).host)
      const { heard, programs, close } = await follow(alert, targets, dir)
      try {
        const kind = alert === 'HighErrorRate' ? 'errors' : 'latency'
        await runScript('lab.ts', 'fault', kind, '--color', 'green', '--rate', '50%', '--lab', lab.admin)
        await until(is(heard, 'firing'), `${alert} fires`, () =>
          programs.map((one) => one.printed()).join('\n'),
        )
        const link = heard[0]?.annotations['runbook_url'] ?? ''
        expect(link).toContain('?color=green#look')
        const metrics = alert === 'HighErrorRate' ? `${lab.admin}/metrics` : `${colors.blue.url}/metrics`
        const values = { lab: lab.admin, metrics, kept: dir, watch: '4s', interval: '400ms' }
        const inputs = Object.entries(values).flatMap(([name, value]) => ['-i', `${name}=${value}`])
        const ran = await runIn(root, ['exec', link, ...inputs, '--yes', '--answers', answersFile(dir)], {
          RUNBOOK_STATE: join(dir, 'state'),
        })
        expect(ran.code, ran.stderr).toBe(0)
        expect((await lab.state()).traffic.weights).toEqual({ blue: 100, green: 0 })
        await until(is(heard, 'resolved'), `${alert} is resolved`)
      } finally {
        await Promise.all(programs.map((program) => program.stop()))
        close()
      }
    },
    120_000,
  )

  test('DatabaseLocks fires, its link runs the page, and the alert is resolved', async () => {
    const dir = await tempDir()
    const file = join(dir, 'orders.db')
    const holder = startScript('database.ts', ['hold', '--file', file])
    await holder.says(/holding/)
    const exporter = startScript('database.ts', ['watch', '--file', file, '--port', '0'])
    const metrics = await exporter.says(/http:\S+(?=\s)/)
    const { heard, programs, close } = await follow('DatabaseLocks', [new URL(metrics).host], dir)
    try {
      await until(is(heard, 'firing'), 'DatabaseLocks fires', () =>
        programs.map((one) => one.printed()).join('\n'),
      )
      const link = heard[0]?.annotations['runbook_url'] ?? ''
      const inputs = [
        '-i',
        `database=${file}`,
        '-i',
        `metrics=${metrics}`,
        '-i',
        'watch=4s',
        '-i',
        'interval=400ms',
      ]
      const ran = await runIn(root, ['exec', link, ...inputs, '--yes', '--answers', answersFile(dir)], {
        RUNBOOK_STATE: join(dir, 'state'),
      })
      expect(ran.code, ran.stderr).toBe(0)
      await until(is(heard, 'resolved'), 'DatabaseLocks is resolved')
    } finally {
      await Promise.all(programs.map((program) => program.stop()))
      close()
    }
  })
})
