import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { effectsOf, eventsOf, expectNoStepProcess, killAt, runIds } from './attack.ts'
import { random } from '../corpus.ts'
import { commandStep, page, workspace } from '../workspace.ts'
import type { Ran, Workspace } from '../workspace.ts'

const done = (id: string): string => `\n\`\`\`bash done\necho looking\ngrep -qx ${id} effects\n\`\`\`\n`
const undo = (id: string): string => `\n\`\`\`bash undo\necho undo-${id} >> effects\n\`\`\`\n`
const told = (id: string, name: string): string =>
  `echo ${id} >> effects\necho "${name}=${id}" >> "$RUNBOOK_OUTPUT"`

const inner = page(
  commandStep('i1', 'echo i1 >> effects', '', done('i1')) + commandStep('i2', 'echo i2 >> effects'),
)
const steps =
  commandStep('a', 'echo a >> effects', '', done('a') + undo('a')) +
  commandStep(
    'b',
    told('b', 'size'),
    'outputs="size"',
    `\n\`\`\`bash done\ngrep -qx b effects && echo "size=b" >> "$RUNBOOK_OUTPUT"\n\`\`\`\n`,
  ) +
  commandStep('c', 'test -n "$token"\necho c >> effects', '', done('c')) +
  '<Include id="nest" title="Nest" runbook="inner">\n\n</Include>\n\n' +
  '<Wait id="rest" title="Rest" for="100ms" />\n\n' +
  commandStep('d', 'echo "d $size" >> effects', '', '\n```bash done\ngrep -qx "d b" effects\n```\n')
const frontmatter = 'inputs:\n  token: { type: secret }\n'

const forward = ['a', 'b', 'c', 'i1', 'i2', 'd b']

export interface Killed {
  kills: number
  /** Times a person was asked how a step ended. */
  asked: number
  /** Runs that were looked at in the end; every one of them verifies. */
  runs: number
}

/**
 * A run with checks, outputs, a secret, a nested run, a wait and sometimes a rollback is killed at a random change to the
 * world, up to twice, taken up to its end, and verified with the runs in it.
 */
async function killedAtRandom(seed: number): Promise<Killed> {
  const next = random(seed)
  const fails = next(4) === 0
  const last = fails ? commandStep('e', 'exit 1', 'onFailure="rollback"') : ''
  using space = workspace({
    'content/runbooks/inner.mdx': inner,
    'content/runbooks/r.mdx': page(steps + last, frontmatter),
  })
  const killed: Killed = { kills: 0, asked: 0, runs: 0 }
  const blows = [
    killAt('runner', 1 + next(150), next(5) === 0),
    ...(next(2) === 0 ? [killAt('runner', 1 + next(60))] : []),
  ]
  let said = ''
  for (let life = 0; !isOver(space); life++) {
    expect(life, `it comes to an end: ${said}`).toBeLessThan(12)
    const run = outer(space)
    const args = run === undefined ? ['exec', 'r', '--yes'] : ['resume', run, '--yes']
    const ran = await space.runbook(args, { RUNBOOK_INPUT_TOKEN: 's3cr3t-value', ...blows[life] })
    said = ran.stderr
    if (ran.signal === 'SIGKILL' || ran.code === 137) killed.kills += 1
    else if (ran.code === 5) killed.asked += await answer(space, ran)
  }
  const effects = effectsOf(space.root)
  expect(
    effects.filter((line) => !line.startsWith('undo-')),
    'each effect once, in order, none lost',
  ).toEqual(forward)
  if (fails) expect(effects.filter((line) => line === 'undo-a')).toHaveLength(1)
  for (const run of runIds(space.root)) {
    let verified = await space.runbook(['verify', run])
    if (verified.code !== 0) {
      const closed = await space.runbook(['close', run])
      expect(closed.code, verified.stdout + verified.stderr + closed.stderr).toBe(0)
      verified = await space.runbook(['verify', run])
    }
    expect(verified.code, verified.stdout + verified.stderr).toBe(0)
    killed.runs += 1
  }
  const audited = await space.runbook(['audit'])
  expect(audited.code, audited.stdout + audited.stderr).toBe(0)
  await expectNoStepProcess(space.root)
  return killed
}

function outer(space: Workspace): string | undefined {
  return runIds(space.root).find((run) => !run.includes('-inner-'))
}

function isOver(space: Workspace): boolean {
  const run = outer(space)
  const folder = join(space.root, '.runbook/runs')
  return run !== undefined && existsSync(folder) && eventsOf(space.root, run).at(-1)?.type === 'run-ended'
}

/** Looks at the effects, and says how the step ended. */
async function answer(space: Workspace, ran: Ran): Promise<number> {
  const [, run = '', step = ''] = /runbook resolve (\S+) (\S+) --as/.exec(ran.stderr) ?? []
  expect(step, ran.stderr).not.toBe('')
  const there = effectsOf(space.root).some((line) => line.split(' ')[0] === step)
  const said = await space.runbook([
    'resolve',
    run,
    step,
    '--as',
    there ? 'done' : 'again',
    '--reason',
    'looked',
  ])
  expect(said.code, said.stderr).toBe(0)
  return 1
}

/** Many of them, two at a time; their sum. */
export async function manyKills(seeds: readonly number[]): Promise<Killed> {
  const sum: Killed = { kills: 0, asked: 0, runs: 0 }
  const left = [...seeds]
  const worker = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const { kills, asked, runs } = await killedAtRandom(seed).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error })
      })
      sum.kills += kills
      sum.asked += asked
      sum.runs += runs
    }
  }
  await Promise.all([worker(), worker()])
  return sum
}
