import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What a build took. Seconds of the processor count its children too, and say more than wall time on a busy machine. */
export interface Cost {
  wallSeconds: number
  cpuSeconds: number
  /** Of the largest process of Node. */
  peakMiB: number
}

/** At its end each process of Node leaves what it and its children took; the kernel's clock ticks 100 times a second. */
const meter = `import { appendFileSync, readFileSync } from 'node:fs'
process.on('exit', () => {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\\) /s, '').split(' ')
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
  appendFileSync(process.env.BENCH_METER, JSON.stringify({ pid: process.pid, ticks, rss: process.resourceUsage().maxRSS }) + '\\n')
})
`

/** Runs a build and measures it. Throws with what it printed when it fails. */
export function costOf(
  command: readonly [string, ...string[]],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Cost {
  const folder = mkdtempSync(join(tmpdir(), 'bench-meter-'))
  const script = join(folder, 'meter.mjs')
  const file = join(folder, 'costs')
  writeFileSync(script, meter)
  const [program, ...args] = command
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: {
      ...process.env,
      ...env,
      BENCH_METER: file,
      NODE_OPTIONS: `--import=${pathToFileURL(script).href}`,
      ASTRO_TELEMETRY_DISABLED: '1',
      CI: '1',
    },
  })
  const wallSeconds = (performance.now() - started) / 1000
  if (status !== 0)
    throw new Error(`${command.join(' ')} exited with ${status}:\n${(stdout + stderr).slice(-3000)}`)
  const costs = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { ticks: number; rss: number })
  rmSync(folder, { recursive: true })
  // The last to end is the outermost; its children's time is in its own.
  return {
    wallSeconds,
    cpuSeconds: (costs.at(-1)?.ticks ?? Number.NaN) / 100,
    peakMiB: Math.max(...costs.map(({ rss }) => rss)) / 1024,
  }
}
