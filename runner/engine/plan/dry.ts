import { execa } from 'execa'
import { language } from '../../model/steps/languages.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import { hiddenVariables, stepEnvironment } from '../process/environment.ts'
import { redactText } from '../process/redact/redact.ts'

/** Longest time a `dry` fence may take, in milliseconds. */
const limitMs = 60_000

export interface DryOptions {
  plan: Plan
  cwd: string
  env: Record<string, string | undefined>
  secrets: Readonly<Record<string, string>>
}

/** The output of the `dry` fence of a step: it reads and says what would be done. Undefined without that fence. */
export async function dryOutput(step: PlannedStep, options: DryOptions): Promise<string | undefined> {
  const { plan, cwd, env, secrets } = options
  const fence = step.fences.find(({ role }) => role === 'dry')
  const spec = fence && language(fence.lang)
  if (!fence || !spec) return undefined
  const [program, ...flags] = spec.command
  const code = { node: '-e', pwsh: '-Command' }[program] ?? '-c'
  // As text and not as a file: a dry run writes nothing.
  const args = program === 'pwsh' ? [code, fence.code] : [...flags, code, fence.code]
  const ran = await execa(program, args, {
    cwd,
    env: stepEnvironment(plan, env, { ...plan.inputs, ...secrets }),
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    reject: false,
    timeout: limitMs,
  })
  const ended = ran.exitCode === 0 ? '' : `\n(the dry fence ended with ${ran.exitCode ?? ran.shortMessage})`
  return redactText(`${ran.all}${ended}`, [...Object.values(secrets), ...hiddenVariables(plan, env)])
}
