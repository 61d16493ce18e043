import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Built {
  code: number | null
  /** Everything the build printed. */
  text: string
  /** Holds the site, the state and what the next build may use again. */
  folder: string
  out: string
  state: string
  remove(): void
}

/**
 * Builds the site of a content folder, apart from the project's own. `prepare` may fill the state folder first. In the
 * folder of an earlier build it takes from there what has not changed.
 */
export async function buildSite(
  content: string,
  prepare: (state: string) => Promise<void> = () => Promise.resolve(),
  folder = mkdtempSync(join(tmpdir(), 'runbook-site-')),
  args = (_out: string): string[] => ['node_modules/astro/bin/astro.mjs', 'build'],
): Promise<Built> {
  const out = join(folder, 'site')
  const state = join(folder, 'state')
  await prepare(state)
  const env = {
    ...process.env,
    RUNBOOK_CONTENT: content,
    RUNBOOK_STATE: state,
    RUNBOOK_SITE_OUT: out,
    ASTRO_TELEMETRY_DISABLED: '1',
    NO_COLOR: '1',
  }
  const { code, text } = await alone(() => runNode(env, args(out)))
  return { code, text, folder, out, state, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs Node with a build's arguments, and waits for its end. */
export function runNode(
  env: NodeJS.ProcessEnv,
  args = ['node_modules/astro/bin/astro.mjs', 'build'],
  cwd = process.cwd(),
): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })))
}

/** How often a build that waits looks whether it may begin, in milliseconds. */
const lookMs = 200

/** Astro keeps files of a build in .astro, so two builds of one folder spoil each other. The lock dies with its process. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync('dist', { recursive: true })
  const lock = new DatabaseSync('dist/site-test.lock')
  for (;;) {
    try {
      lock.exec('BEGIN EXCLUSIVE')
      break
    } catch {
      await new Promise((again) => setTimeout(again, lookMs))
    }
  }
  try {
    return await work()
  } finally {
    lock.close()
    // Another who waits looks within this time: a file of several builds lets it in between two of them.
    await new Promise((pause) => setTimeout(pause, 2 * lookMs))
  }
}
