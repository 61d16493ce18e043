import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'

// `npm test`: every check runs, whatever the others say, and the last line is `N passed, N failed`.

const scratch = mkdtempSync(join(tmpdir(), 'runbook-total-'))
const counts = join(scratch, 'counts.json')
const env = { ...process.env, TEST_COUNTS: counts, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) }
const running = new Set<number>()
let interrupted: NodeJS.Signals | undefined

/** Runs an npm script, whose output is kept in `output` or goes to ours. */
async function succeeds(script: string, output?: Buffer[]): Promise<boolean> {
  if (interrupted) return false
  const to = output ? 'pipe' : 'inherit'
  const child = spawn('npm', ['run', '--silent', script], {
    env,
    // A group of its own, so that a signal reaches everything in it.
    detached: true,
    stdio: ['ignore', to, to],
  })
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => output?.push(chunk))
  const { pid } = child
  if (pid !== undefined) running.add(pid)
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(undefined))
    child.once('close', resolve)
  })
  if (pid !== undefined) running.delete(pid)
  return code === 0
}

interface Result {
  name: string
  passed: number
  failed: number
  skipped?: number
  seconds: number
  output?: Buffer[]
}

async function check(name: string, script: string): Promise<Result> {
  const began = performance.now()
  const output: Buffer[] = []
  const passed = await succeeds(script, output)
  const seconds = (performance.now() - began) / 1000
  return { name, passed: passed ? 1 : 0, failed: passed ? 0 : 1, seconds, output }
}

/** Every check, after the types that Astro makes. */
async function checks(): Promise<Result[]> {
  const sync = await check('sync', 'sync')
  const others = [check('lint', 'lint'), check('pages', 'types'), check('format', 'format:check')]
  return [sync, ...(await Promise.all(others))]
}

async function tests(): Promise<Result> {
  const began = performance.now()
  const passed = await succeeds('vitest')
  const seconds = (performance.now() - began) / 1000
  try {
    const count = JSON.parse(readFileSync(counts, 'utf8')) as Omit<Result, 'name' | 'seconds'>
    return { name: 'tests', ...count, failed: passed ? count.failed : Math.max(1, count.failed), seconds }
  } catch {
    return { name: 'tests', passed: 0, failed: 1, seconds }
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    interrupted = signal
    for (const group of running)
      try {
        process.kill(-group, signal)
      } catch {
        // It has just ended.
      }
  })

// The unit tests share the cores with the checks; when those of whole programs begin, the checks have long ended.
const results = (await Promise.all([checks(), tests()])).flat()
rmSync(scratch, { recursive: true, force: true })
for (const { output = [] } of results) process.stdout.write(Buffer.concat(output))

const sum = (of: (result: Result) => number): number => results.reduce((total, one) => total + of(one), 0)
const [passed, failed, skipped] = [
  sum((one) => one.passed),
  sum((one) => one.failed),
  sum((one) => one.skipped ?? 0),
]
const lines = results.map((one) => {
  const mark = one.failed === 0 ? styleText('green', '✓') : styleText('red', '✕')
  return `${mark} ${one.name.padEnd(8)} ${one.seconds.toFixed(0).padStart(4)} s\n`
})
process.stdout.write(`\n${lines.join('')}${interrupted ? `Interrupted by ${interrupted}.\n` : ''}`)
process.stdout.write(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`)
process.exitCode = failed === 0 && !interrupted ? 0 : 1
