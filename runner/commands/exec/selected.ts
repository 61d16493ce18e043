import type { Selection } from '../../engine/selection.ts'
import type { OptionValues } from '../../kit/command.ts'
import { text, texts } from '../../kit/command.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'

/** What --from, --only and --skip ask for, if they ask for anything. */
export function readSelection(options: OptionValues): Selection | undefined {
  const from = text(options, 'from')
  const [only, skip] = [texts(options, 'only'), texts(options, 'skip')]
  const reason = text(options, 'reason') ?? ''
  if (skip.length > 0 && reason.trim() === '')
    throw new CliError(exit.usage, 'A skipped step needs a reason', 'Add --reason "…"; it is recorded.')
  if (from === undefined && only.length === 0 && skip.length === 0) return undefined
  return { from, only, skip, reason }
}
