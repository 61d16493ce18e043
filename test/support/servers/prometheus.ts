import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { patienceMs } from '../patience.ts'

export const prometheusIsInstalled = spawnSync('prometheus', ['--version']).status === 0

export interface RunningPrometheus {
  url: string
  /** Ends it at once. */
  stop(): Promise<void>
}

/** Starts a server of our own on the loopback, with its data in a folder that is removed when it stops. */
export async function startPrometheus(
  jobs: readonly { name: string; port: number }[],
  scrapeMs: number,
): Promise<RunningPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  const config = {
    global: { scrape_interval: `${scrapeMs}ms`, scrape_timeout: `${scrapeMs}ms` },
    scrape_configs: jobs.map(({ name, port }) => ({
      job_name: name,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    })),
  }
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  let isOver = false
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      isOver = true
      resolve()
    }),
  )
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await ready(url, () => isOver)
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function ready(url: string, isOver: () => boolean): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    if (isOver()) throw new Error('Prometheus ended before it was ready')
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`Prometheus at ${url} is not ready`)
}
