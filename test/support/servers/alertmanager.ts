import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { patienceMs } from '../patience.ts'
import { binary } from '../workspace.ts'
import { freePort } from './free-port.ts'

export const alertingIsInstalled = ['prometheus', 'prometheus-alertmanager'].every(
  (name) => spawnSync(name, ['--version']).status === 0,
)

export interface Program {
  /** Everything it has printed. */
  printed: () => string
  /** Its exit code; null when the signal ended it. */
  stop(): Promise<number | null>
}

function follow(child: ChildProcess, signal: NodeJS.Signals): Program {
  let text = ''
  child.stdout?.on('data', (bytes: Buffer) => void (text += bytes.toString()))
  child.stderr?.on('data', (bytes: Buffer) => void (text += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    printed: () => text,
    async stop() {
      child.kill(signal)
      return ended
    },
  }
}

export interface Alerting {
  folder: string
  /** Rule groups, as Prometheus reads them. */
  groups: object[]
  webhook: string
  secretFile: string
  write(path: string, text: string): void
}

/** Starts a Prometheus and an Alertmanager of our own on the loopback; the webhook is told of every alert at once. */
export async function startAlerting({
  folder,
  groups,
  webhook,
  secretFile,
  write,
}: Alerting): Promise<Program[]> {
  const [prometheus, alertmanager] = [await freePort(), await freePort()]
  // JSON is YAML.
  write('rules.yml', JSON.stringify({ groups }))
  write(
    'prometheus.yml',
    JSON.stringify({
      global: { evaluation_interval: '200ms', scrape_interval: '200ms', scrape_timeout: '200ms' },
      rule_files: ['rules.yml'],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanager}`] }] }] },
    }),
  )
  write(
    'alertmanager.yml',
    JSON.stringify({
      route: {
        receiver: 'runbook',
        group_by: ['alertname'],
        group_wait: '0s',
        group_interval: '1s',
        repeat_interval: '1s',
      },
      receivers: [
        {
          name: 'runbook',
          webhook_configs: [
            { url: webhook, http_config: { authorization: { credentials_file: secretFile } } },
          ],
        },
      ],
    }),
  )
  const options = { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] } satisfies SpawnOptions
  const programs = [
    spawn(
      'prometheus-alertmanager',
      [
        '--config.file=alertmanager.yml',
        '--storage.path=am',
        `--web.listen-address=127.0.0.1:${alertmanager}`,
        '--cluster.listen-address=',
      ],
      options,
    ),
    spawn(
      'prometheus',
      [
        '--config.file=prometheus.yml',
        '--storage.tsdb.path=data',
        `--web.listen-address=127.0.0.1:${prometheus}`,
        '--rules.alert.resend-delay=1s',
      ],
      options,
    ),
  ].map((child) => follow(child, 'SIGKILL'))
  await until(
    async () => (await fetch(`http://127.0.0.1:${alertmanager}/-/ready`).catch(() => undefined))?.ok === true,
    'Alertmanager is ready',
  )
  return programs
}

/** Starts `runbook alerts serve` in a folder and waits until it listens. */
export async function startServe(
  folder: string,
  args: readonly string[],
): Promise<Program & { webhook: string }> {
  const child = spawn(process.execPath, [binary, 'alerts', 'serve', '--port', '0', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const program = follow(child, 'SIGTERM')
  const address = (): string | undefined => /Listening on (\S+\/webhook)/.exec(program.printed())?.[1]
  await until(() => Promise.resolve(address() !== undefined), 'alerts serve listens')
  return { ...program, webhook: address() ?? '' }
}

/** Looks again and again until something holds. */
export async function until(
  holds: () => Promise<boolean>,
  what: string,
  seen: () => string = () => '',
): Promise<void> {
  const end = Date.now() + patienceMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${patienceMs} ms: ${what}\n${seen()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
