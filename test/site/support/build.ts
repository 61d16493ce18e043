import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Built {
  code: number | null
  /** Everything the build printed. */
  text: string
  out: string
  state: string
  remove(): void
}

/** Builds the site of a content folder, apart from the project's own. `prepare` may fill the state folder first. */
export async function buildSite(
  content: string,
  prepare: (state: string) => void = () => undefined,
): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-site-'))
  const out = join(folder, 'site')
  const state = join(folder, 'state')
  prepare(state)
  const env = {
    ...process.env,
    RUNBOOK_CONTENT: content,
    RUNBOOK_STATE: state,
    RUNBOOK_SITE_OUT: out,
    ASTRO_TELEMETRY_DISABLED: '1',
    NO_COLOR: '1',
  }
  const child = spawn(process.execPath, ['node_modules/astro/bin/astro.mjs', 'build'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, text, out, state, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
