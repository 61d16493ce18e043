import { asText } from '../../../runner/model/values/json.ts'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findByRun } from '../../../runner/engine/process/processes.ts'
import type { Survivor } from '../../../runner/engine/process/processes.ts'
import { parseEvents, readJournal } from '../../../runner/journal/record/read-journal.ts'
import type { Event } from '../../../runner/journal/record/event.ts'
import { listRuns } from '../../../runner/journal/record/run-store.ts'
import { commandStep, page } from '../workspace.ts'
import type { Ran, Workspace } from '../workspace.ts'

const done = (id: string) => `\n\`\`\`bash done\ngrep -qx ${id} effects\n\`\`\`\n`

/** Twelve steps, each leaving a line that must be there once; half of them can tell. */
export const steps = Array.from({ length: 12 }, (_, index) => `s${index + 1}`)

export const twelve = page(
  steps
    .map((id, index) =>
      index % 2 === 0
        ? commandStep(id, `echo ${id} >> effects`)
        : commandStep(id, `echo ${id} >> effects\necho "o${index}=${id}" >> "$RUNBOOK_OUTPUT"`, '', done(id)),
    )
    .join('\n'),
)

/** What steps of any run in a folder have left running. */
export function stepProcesses(root: string): Survivor[] {
  return listRuns(join(root, '.runbook')).flatMap(findByRun)
}

export async function expectNoStepProcess(root: string): Promise<void> {
  await expect.poll(() => stepProcesses(root), { message: 'no process of a step survives' }).toEqual([])
}

export function runIds(root: string): string[] {
  return listRuns(join(root, '.runbook'))
}

function journalFile(root: string, run = runIds(root)[0] ?? ''): string {
  return join(root, '.runbook/runs', run, 'run.jsonl')
}

export function eventsOf(root: string, run?: string): Event[] {
  return readJournal(journalFile(root, run))
}

export function effectsOf(root: string): string[] {
  const file = join(root, 'effects')
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
}

export interface Battle {
  /** Times the program was killed. */
  kills: number
  /** Times a person had to be asked how a step ended. */
  asked: number
  /** Times it was started. */
  lives: number
}

/** Another way to start the program than with an environment. */
export type Life = (args: readonly string[]) => Promise<Ran>

const mostLives = 12

/**
 * Runs the runbook `name` to its end although each of `blows` kills it once: starts it, resumes it, and answers like a
 * person who looks at the effects. Every acknowledged event must still be there at the end.
 */
export async function survive(
  space: Workspace,
  name: string,
  blows: (Record<string, string> | Life)[],
): Promise<Battle> {
  const battle: Battle = { kills: 0, asked: 0, lives: 0 }
  const acknowledged = new Set<string>()
  let ran: Ran | undefined
  while (ran?.code !== 0 && !hasSucceeded(space.root)) {
    expect(battle.lives, `${ran?.stderr} (I9)`).toBeLessThan(mostLives)
    const blow = blows[battle.lives] ?? {}
    const [run] = runIds(space.root)
    const args = run === undefined ? ['exec', name, '--yes', '--json'] : ['resume', run, '--yes', '--json']
    ran = typeof blow === 'function' ? await blow(args) : await space.runbook(args, blow)
    battle.lives += 1
    if (ran.signal === 'SIGKILL' || ran.code === 137) battle.kills += 1
    const whole = ran.stdout.slice(0, ran.stdout.lastIndexOf('\n') + 1)
    for (const line of whole.split('\n')) if (isEvent(line)) acknowledged.add(line)
    if (ran.code === 5) await answer(space, battle)
  }
  const journal = readFileSync(journalFile(space.root))
  parseEvents(journal, 'journal')
  const lines = new Set(journal.toString('utf8').split('\n'))
  for (const line of acknowledged)
    expect(lines.has(line), `an acknowledged event is kept (I4): ${line}`).toBe(true)
  await expectNoStepProcess(space.root)
  return battle
}

/** Other lines of `--json` are the result or the problem that ended the call. */
function isEvent(line: string): boolean {
  return line !== '' && typeof (JSON.parse(line) as { prev?: unknown }).prev === 'string'
}

/** A run may be killed after its last event, too. */
function hasSucceeded(root: string): boolean {
  const last = runIds(root).length > 0 ? eventsOf(root).at(-1) : undefined
  return last?.type === 'run-ended' && last.data['status'] === 'succeeded'
}

/** Looks whether the effect is there, and says so. */
async function answer(space: Workspace, battle: Battle): Promise<void> {
  const topic = asText(eventsOf(space.root).findLast(({ type }) => type === 'run-paused')?.data['topic'])
  expect(topic).toMatch(/\/resolve$/)
  const step = topic.split('#')[0] ?? ''
  battle.asked += 1
  const as = effectsOf(space.root).includes(step) ? 'done' : 'again'
  const run = runIds(space.root)[0] ?? ''
  const { code, stderr } = await space.runbook(['resolve', run, step, '--as', as, '--reason', 'looked'])
  expect(code, stderr).toBe(0)
}

const preload = new URL('./fault.mjs', import.meta.url).href

/** Environment that kills the runner or its shim before its n-th change to the world. */
export function killAt(process: 'runner' | 'shim', at: number, torn = false): Record<string, string> {
  const wish = `process=${process}&at=${at}${torn ? '&torn=1' : ''}`
  return { NODE_OPTIONS: `--import=${preload}?${wish}` }
}

/** Environment that lists all such moments in a file. */
export function listMoments(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preload}?log=${file}` }
}
