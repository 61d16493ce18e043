import type { Config } from '../../../config.ts'
import type { Verified } from '../../../engine/verify-run.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import { formatDuration } from '../../../model/values/duration.ts'

/** The age at which runs are removed, in milliseconds. Throws CliError for one below the retention. */
export function ageOf(config: Config, olderThan: number | undefined): number {
  const age = olderThan ?? config.retentionMs
  if (age < config.retentionMs)
    throw new CliError(
      exit.usage,
      `Runs are kept for ${formatDuration(config.retentionMs)} at least`,
      'A shorter time is a decision for `retention` in runbook.config.ts, where others see it.',
    )
  return age
}

/** An open, unsealed or unverified run stays, however old: the first may continue, and the last is evidence of a problem. */
export function reasonToKeep({ checks, ended, state }: Verified, age: number): string | undefined {
  const bad = checks.find(({ status }) => status === 'failed')
  if (bad) return `it does not verify: ${bad.message}`
  if (!ended) return 'it has not ended, or is not sealed'
  const left = Date.parse(state?.endedAt ?? '') + age - Date.now()
  return left > 0 ? `for another ${formatDuration(left)}` : undefined
}
