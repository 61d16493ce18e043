import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { effectsOf, eventsOf, expectNoStepProcess, killAt, listMoments, runIds } from './attack.ts'
import { commandStep, page, workspace } from '../workspace.ts'
import type { Ran, Workspace } from '../workspace.ts'

/** Steps of one short run: one that says whether it is done, and a nested run of one step. */
const steps =
  commandStep(
    'a',
    'echo a >> effects\necho said\necho "size=1" >> "$RUNBOOK_OUTPUT"',
    'outputs="size"',
    '\n```bash done\necho looking\ngrep -qx a effects && echo "size=1" >> "$RUNBOOK_OUTPUT"\n```\n',
  ) + '<Include id="nest" title="Nest" runbook="inner">\n\n</Include>\n'
const inner = commandStep('i', 'echo i >> effects', '', '\n```bash done\ngrep -qx i effects\n```\n')

/** The calls that are killed, by name, and what is done before each. */
export type Struck = 'exec' | 'resume' | 'close' | 'export'

export interface Swept {
  /** The moments at which the call changes the world. */
  moments: number
  kills: number
  /** Audits right after a kill that named the run as one that a crash kept out of the index, or unsealed. */
  named: number
}

/** An audit says so of a run that a crash kept out of the index, and of one that ended and was not sealed. */
const unfinished =
  /is there and not in the index: it was put there, or a crash came between|The run ended and was not sealed, as after a crash/

/**
 * Kills one call before each of its changes to the world, and halfway through each write; takes the run to its end, and audits.
 * An audit right after the kill finds nothing but a run without its seal or its place in the index; the one at the end finds nothing.
 */
export async function sweep(struck: Struck): Promise<Swept> {
  using space = workspace({
    'content/runbooks/inner.mdx': page(inner),
    'content/runbooks/r.mdx': page(steps),
  })
  const call = await prepare(space, struck)
  using kept = keep(space.root)
  const log = join(space.root, 'moments')
  expect((await space.runbook(call(), listMoments(log))).code).toBe(0)
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  const moments = lines.filter((line) => line.startsWith('runner'))
  const swept: Swept = { moments: moments.length, kills: 0, named: 0 }
  for (const [index, what] of moments.entries())
    for (const torn of / write/.test(what) ? [false, true] : [false]) {
      kept.restore()
      const ran = await space.runbook(call(), killAt('runner', index + 1, torn))
      const where = `${struck} was killed at ${what}${torn ? ', torn' : ''}`
      if (ran.signal === 'SIGKILL') swept.kills += 1
      const audited = await space.runbook(['audit'])
      if (audited.code !== 0) {
        expect(text(audited), where).toMatch(unfinished)
        swept.named += 1
      }
      await toTheEnd(space, struck, call, where)
    }
  return swept
}

/** Makes the state that the struck call begins in; returns its arguments. */
async function prepare(space: Workspace, struck: Struck): Promise<() => string[]> {
  if (struck === 'exec') return () => ['exec', 'r', '--yes']
  if (struck === 'export') expect((await space.runbook(['exec', 'r', '--yes'])).code).toBe(0)
  else if (struck === 'resume') await killedAfter(space, '"step-started"', 1)
  else await killedAfter(space, '"run-ended"', 120)
  if (struck === 'export') return () => ['export', outer(space), '--output', 'bundle']
  return () => (struck === 'close' ? ['close', outer(space)] : ['resume', outer(space), '--yes'])
}

/** Kills a run soon after the outer journal has an event, at the moment `from` or a later one. */
async function killedAfter(space: Workspace, event: string, from: number): Promise<void> {
  for (let at = from; ; at++) {
    for (const name of names) rmSync(join(space.root, name), { recursive: true, force: true })
    const { signal } = await space.runbook(['exec', 'r', '--yes'], killAt('runner', at))
    expect(signal, `${event} is written before the last change`).toBe('SIGKILL')
    const [run] = runs(space)
    if (run === undefined) continue
    if (readFileSync(join(space.root, '.runbook/runs', run, 'run.jsonl'), 'utf8').includes(event)) return
  }
}

const names = ['.runbook', 'effects']

/** What the workspace holds now, to begin there again. */
function keep(root: string): { restore(): void; [Symbol.dispose](): void } {
  const kept = `${root}-kept`
  for (const name of names)
    if (existsSync(join(root, name))) cpSync(join(root, name), join(kept, name), { recursive: true })
  return {
    restore() {
      for (const name of [...names, 'bundle']) rmSync(join(root, name), { recursive: true, force: true })
      if (existsSync(kept)) cpSync(kept, root, { recursive: true })
    },
    [Symbol.dispose]: () => rmSync(kept, { recursive: true, force: true }),
  }
}

async function toTheEnd(
  space: Workspace,
  struck: Struck,
  call: () => string[],
  where: string,
): Promise<void> {
  if (struck === 'export') await exported(space, call, where)
  else if (runs(space).length === 0) expect((await space.runbook(['exec', 'r', '--yes'])).code, where).toBe(0)
  else if (eventsOf(space.root, outer(space)).at(-1)?.type !== 'run-ended')
    expect((await space.runbook(['resume', outer(space), '--yes'])).code, where).toBe(0)
  expect(effectsOf(space.root), `${where}: each effect once`).toEqual(['a', 'i'])
  // A run that ended and was not sealed fails an audit, until its operator closes it.
  let audited = await space.runbook(['audit'])
  for (const run of audited.code === 0 ? [] : runIds(space.root)) {
    const closed = await space.runbook(['close', run])
    expect(closed.code, `${where}: ${text(audited)}${text(closed)}`).toBe(0)
  }
  if (audited.code !== 0) audited = await space.runbook(['audit'])
  expect(audited.code, `${where}: ${text(audited)}`).toBe(0)
  await expectNoStepProcess(space.root)
}

/** A bundle is there whole or not at all. */
async function exported(space: Workspace, call: () => string[], where: string): Promise<void> {
  if (!existsSync(join(space.root, 'bundle'))) expect((await space.runbook(call())).code, where).toBe(0)
  const verified = await space.runbook(['verify', 'bundle'])
  expect(verified.code, `${where}: ${text(verified)}`).toBe(0)
}

const runs = (space: Workspace): string[] => runIds(space.root).filter((one) => !one.includes('-inner-'))
const outer = (space: Workspace): string => runs(space)[0] ?? ''
const text = ({ stdout, stderr }: Ran): string => stdout + stderr
