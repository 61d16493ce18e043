import { expect } from 'vitest'
import { effectsOf, eventsOf, expectNoStepProcess, runIds } from './attack.ts'
import { start } from '../live.ts'
import { commandStep, page, workspace } from '../workspace.ts'

const ids = ['a', 'b', 'c']
const three = page(ids.map((id) => commandStep(id, `echo ${id} >> effects`)).join(''))

/** Two or three at once on one run or one key, one of them killed at some moment in half of the races. */
export async function race(round: number): Promise<{ killed: boolean }> {
  using space = workspace({ 'content/runbooks/r.mdx': three })
  const racers = 2 + (round % 2)
  const resuming = round % 4 < 2
  if (resuming) {
    const first = start(space.root, ['exec', 'r', '--yes', '--json'])
    await first.line('"step-ended"')
    first.child.kill('SIGKILL')
    await first.ended
  }
  const args = resuming
    ? ['resume', runIds(space.root)[0] ?? '', '--yes', '--json']
    : ['exec', 'r', '--yes', '--json']
  const runs = Array.from({ length: racers }, () => start(space.root, args))
  const killed = round % 2 === 0
  if (killed) {
    const victim = runs[round % racers]
    await Promise.race([victim?.line(`"step-started"`).catch(() => ''), victim?.ended])
    victim?.child.kill('SIGKILL')
  }
  const ended = await Promise.all(runs.map(({ ended: end }) => end))
  for (const { code, signal, stderr } of ended)
    expect(signal === 'SIGKILL' || [0, 1, 2].includes(code ?? -1), stderr).toBe(true)
  for (const run of runIds(space.root)) {
    if (eventsOf(space.root, run).at(-1)?.type === 'run-ended') continue
    const { code, stderr } = await space.runbook(['resume', run, '--yes'])
    expect(code, stderr).toBe(0)
  }
  const successes = runIds(space.root).length
  expect(effectsOf(space.root), 'each effect once for each run, and no run among another').toEqual(
    Array.from({ length: successes }, () => ids).flat(),
  )
  if (resuming) expect(successes).toBe(1)
  await expectNoStepProcess(space.root)
  return { killed }
}
