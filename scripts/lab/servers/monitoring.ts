import { join } from 'node:path'
import { fetchByProxy } from '../../../runner/engine/process/http-proxies.ts'
import { writeAtomically } from '../../lib/atomic.ts'
import { waitFor } from '../../lib/wait.ts'
import { type Component, startComponent } from './component.ts'
import { COLORS, type Ports, loopback } from '../lab-model.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

const START_MS = 20_000

/** Starts the system's Prometheus: it scrapes the colors and the switch every second, and has the rules of the lab. */
export async function startPrometheus(
  dir: string,
  port: number,
  ports: Ports,
  proxyMetrics: number | undefined,
  alertmanager: number | undefined,
  log: (line: string) => void,
): Promise<Component> {
  const folder = join(dir, 'prometheus')
  makeFolder(folder, 0o777)
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' },
    rule_files: [join(folder, 'rules.yml')],
    scrape_configs: [
      ...COLORS.map((color) => job(`storefront-${color}`, ports[color])),
      job('switch', ports.admin),
      ...(proxyMetrics === undefined ? [] : [job('haproxy', proxyMetrics)]),
    ],
    ...(alertmanager === undefined
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanager}`] }] }] } }),
  }
  // JSON is YAML, and nothing in it can be mistaken for something else.
  await writeAtomically(join(folder, 'prometheus.yml'), `${JSON.stringify(config, null, 2)}\n`)
  await writeAtomically(join(folder, 'rules.yml'), `${JSON.stringify(rules(ports), null, 2)}\n`)
  const component = startComponent(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=1d',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    folder,
    log,
  )
  await untilReady(component, `${loopback(port)}/-/ready`)
  return component
}

/** Starts the system's Alertmanager. It sends nowhere until `alertmanager.yml` in its folder names a receiver. */
export async function startAlertmanager(
  dir: string,
  port: number,
  log: (line: string) => void,
): Promise<Component> {
  const folder = join(dir, 'alertmanager')
  makeFolder(folder, 0o777)
  const config = { route: { receiver: 'nobody', group_wait: '1s' }, receivers: [{ name: 'nobody' }] }
  await writeAtomically(join(folder, 'alertmanager.yml'), `${JSON.stringify(config, null, 2)}\n`)
  const component = startComponent(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    folder,
    log,
  )
  await untilReady(component, `${loopback(port)}/-/ready`)
  return component
}

function job(name: string, port: number): object {
  return { job_name: name, static_configs: [{ targets: [`127.0.0.1:${port}`] }] }
}

function rules(ports: Ports): object {
  const rate = (match: string): string => `sum by (color) (increase(http_requests_total${match}[1m]))`
  return {
    groups: [
      {
        name: 'release',
        rules: [
          {
            alert: 'ReleaseErrorBudgetBurn',
            expr: `${rate('{code=~"5.."}')} / ${rate('')} > 0.01`,
            labels: { severity: 'page', service: 'storefront' },
            annotations: {
              summary: 'More than 1 % of the requests to {{ $labels.color }} fail',
              runbook_url: `http://localhost:4321/runbooks/release-checklist/?lab=http%3A%2F%2F127.0.0.1%3A${ports.admin}#gate-10`,
            },
          },
        ],
      },
    ],
  }
}

/** Waits until a server answers. @throws {CliError} with its last words when it does not */
export async function untilReady(component: Component, url: string): Promise<void> {
  const ready = await waitFor(async () => {
    if (component.ended() !== undefined) throw component.failure()
    const answer = await fetchByProxy(url).catch(() => undefined)
    // The answer may be a stream without an end.
    await answer?.body?.cancel()
    return answer?.ok === true || undefined
  }, START_MS)
  if (ready === undefined) throw component.failure()
}
