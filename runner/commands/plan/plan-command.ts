import type { Config } from '../../config.ts'
import { preflight } from '../../engine/plan/preflight.ts'
import { inputsOf } from '../../journal/story/story.ts'
import type { Plan } from '../../model/plan.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'
import { planFor } from '../shared/plan/plan-for.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { inputLines } from '../shared/value-lines.ts'
import { effectWord, itemLines } from '../shared/step-lines.ts'
import { openRunbook, openWorkspace } from '../shared/workspace.ts'

export async function run({ io, args, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { runbook } = await openRunbook(config, args.runbook, io)
  const { plan } = await planFor(config, runbook, options.input, io)
  await showPlan(plan, config, io)
  return exit.done
}

/** Prints what would be done and what is missing for it; does neither. */
export async function showPlan(plan: Plan, config: Config, io: Io): Promise<void> {
  const kinds = await config.kinds.load()
  const requirements = await preflight(plan, io.cwd, io.env)
  if (io.json) return io.out(JSON.stringify({ plan, requirements }, undefined, 2))
  io.out(
    `${io.style('bold', printable(plan.title))}  ${plan.slug} ${io.style('dim', plan.sha256.slice(0, 12))}`,
  )
  for (const line of inputLines(inputsOf(plan), io)) io.out(line)
  let phase: string | undefined
  for (const step of plan.steps) {
    if (step.phase !== phase) io.out(`\n${io.style('bold', printable(step.phase ?? ''))}`)
    phase = step.phase
    const sign = { read: '$', write: '!', none: '?' }[step.effect]
    const undo = step.fences.some(({ role }) => role === 'undo') ? io.style('dim', ' · can be undone') : ''
    io.out(
      `  ${sign} ${String(step.number).padStart(2)} ${printable(step.title)}  ${io.style('dim', `#${step.id} · ${step.kind}`)}${undo}`,
    )
    for (const line of itemLines(step, kinds, io)) io.out(line)
  }
  io.out(`\n  $ ${effectWord('read')}   ! ${effectWord('write')}   ? ${effectWord('none')}`)
  for (const { what, found, remedy } of requirements.filter((one) => !one.ok))
    io.out(`  ${io.style('red', 'missing')} ${what}: ${found}. ${remedy}`)
}
