import type { Values } from '../../kit/command.ts'
import type { choosing } from '../shared/options.ts'
import type { Selection } from '../../engine/plan/selection.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'

/** The selection by --from, --only and --skip, if any. */
export function readSelection({
  from,
  only,
  skip,
  reason: why,
}: Values<typeof choosing>): Selection | undefined {
  const reason = why ?? ''
  if (skip.length > 0 && reason.trim() === '')
    throw new CliError(exit.usage, 'A skipped step needs a reason', 'Add --reason "…"; it is recorded.')
  if (from === undefined && only.length === 0 && skip.length === 0) return undefined
  return { from, only, skip, reason }
}
