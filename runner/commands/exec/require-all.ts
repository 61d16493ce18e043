import { declaredSecrets } from '../../engine/process/environment.ts'
import { preflight } from '../../engine/plan/preflight.ts'
import type { Plan } from '../../model/plan.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'

/** All that is missing is named at once, before the first effect. */
export async function requireAll(plan: Plan, io: Io): Promise<void> {
  const missing = (await preflight(plan, io.cwd, io.env)).filter(({ ok }) => !ok)
  if (missing.length === 0) return sayShown(plan, io)
  const list = missing.map(({ what, found }) => `${what} (${found})`).join(', ')
  throw new CliError(
    exit.failed,
    `Not everything is there: ${list}; nothing ran`,
    missing.map(({ remedy }) => remedy).join(' '),
  )
}

/** A declared variable whose value is not hidden is named before anything prints it. */
function sayShown(plan: Plan, io: Io): void {
  for (const { name, shown } of declaredSecrets(plan, io.env))
    if (shown !== undefined)
      io.note(
        `The value of $${name} is not hidden: ${shown}. List it in \`requires.publicEnv\` if it may be shown.`,
      )
}
