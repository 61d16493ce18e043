import { makePlan, readInputs } from '../../engine/plan.ts'
import { stepNamed } from '../../engine/selection.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { effectWord, stepLines } from '../shared/views.ts'
import { openRunbook, openWorkspace } from '../shared/workspace.ts'

export async function run({ io, args }: Request): Promise<number> {
  const { runbook: name, step: wanted } = args
  const { runbook } = await openRunbook(await openWorkspace(io), name, io)
  if (io.json) {
    io.out(JSON.stringify(runbook, undefined, 2))
    return exit.done
  }
  const { plan } = await makePlan(runbook, readInputs(runbook, new Map()))
  const steps = wanted === undefined ? plan.steps : [stepNamed(plan, wanted)]
  if (wanted === undefined) {
    io.out(io.style('bold', printable(runbook.meta.title)))
    if (runbook.meta.description) io.out(printable(runbook.meta.description))
    for (const [input, spec] of Object.entries(runbook.meta.inputs ?? {})) {
      const fallback = spec.default === undefined ? '' : ` (default ${String(spec.default) || 'empty'})`
      io.out(
        printable(`  ${input}: ${spec.type}${fallback}${spec.description ? `  ${spec.description}` : ''}`),
      )
    }
  }
  let phase: string | undefined
  for (const step of steps) {
    if (step.phase !== phase) io.out(`\n${io.style('bold', printable(step.phase ?? ''))}`)
    phase = step.phase
    showStep(step, io)
  }
  return exit.done
}

function showStep(step: PlannedStep, io: Io): void {
  io.out(
    `\n${step.number}. ${io.style('bold', printable(step.title))}  ${io.style('dim', `#${step.id} · ${step.kind} · ${effectWord(step.effect)}`)}`,
  )
  for (const line of stepLines(step, io)) io.out(line)
}
