import { examine } from '../../engine/doctor.ts'
import { preflight } from '../../engine/plan/preflight.ts'
import type { Requirement } from '../../engine/plan/preflight.ts'
import { makePlan } from '../../engine/plan/make-plan.ts'
import { readInputs } from '../../engine/plan/read-inputs.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'
import { inputFlags } from '../shared/plan/input-flags.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { CliError } from '../../kit/error.ts'
import type { Config } from '../../config.ts'
import { provenKey } from '../shared/people/keys.ts'
import { identify } from '../shared/people/identify.ts'
import { openRunbook, openWorkspace } from '../shared/workspace.ts'

/** Shows what a run would find; starts no step and writes nothing. */
export async function run({ io, args, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const requirements = [await operator(config, io), ...examine(config.state)]
  const key = signingKey(config, io)
  if (key) requirements.unshift(key)
  const { runbook: name } = args
  if (name !== undefined) {
    const { runbook } = await openRunbook(config, name, io)
    const inputs = await readInputs(runbook, inputFlags(runbook, options.input, io))
    const { plan, problems } = await makePlan(runbook, inputs, config.kinds)
    for (const { message, hint } of [...inputs.problems, ...problems])
      requirements.push({ what: 'inputs', ok: false, found: message, remedy: hint })
    requirements.push(...(await preflight(plan, io.cwd, io.env)))
    for (const input of inputs.missing)
      requirements.push({
        what: `input ${input}`,
        ok: true,
        found: 'not given yet',
        remedy: `Give it with -i ${input}=….`,
      })
  }
  if (io.json) io.out(JSON.stringify(requirements, undefined, 2))
  else for (const one of requirements) io.out(line(one, io))
  return requirements.every(({ ok }) => ok) ? exit.done : exit.failed
}

/** Who a run would be by, and what says so. */
async function operator(config: Config, io: Io): Promise<Requirement> {
  const { actor, from } = await identify(config, io, 'runner')
  return { what: 'you', ok: true, found: `${actor.id} (${from})`, remedy: '' }
}

/** Whether the key that would sign can; undefined where none is named. */
function signingKey(config: Config, io: Io): Requirement | undefined {
  try {
    const { signedWith } = provenKey(config, io)
    return signedWith === undefined
      ? undefined
      : { what: 'signing key', ok: true, found: signedWith, remedy: '' }
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    const { message, hint = '' } = error.problem
    return { what: 'signing key', ok: false, found: message.replace('; nothing ran', ''), remedy: hint }
  }
}

function line({ what, ok, found, remedy }: Requirement, io: Io): string {
  const sign = ok ? io.style('green', '✓ ok     ') : io.style('red', '✗ missing')
  return `${sign} ${printable(what)}: ${printable(found)}${ok || remedy === '' ? '' : `. ${remedy}`}`
}
