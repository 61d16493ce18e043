import type { Config } from '../../config.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'

/** The run a call of `exec` asks for. */
export interface Wanted {
  /** The runbook, by name or path. */
  name: string
  /** Values that came from a link or an alert: untrusted until its inputs have read them. */
  prefilled: Record<string, string>
  /** The step to begin at; undefined for the first. */
  from?: string | undefined
  /** The alert, for the record. */
  alert?: { fingerprint: string; name: string; startsAt: string }
}

/** The part of a call that names a run: of `exec`, and of `order`. */
type Asking = Pick<Request, 'io' | 'args' | 'dryRun'> & {
  options: Pick<Request['options'], 'alert' | 'fingerprint' | 'yes'>
}

/** Reads what is to be run from a name, the link of an alert, or the alert itself. */
export async function readWanted({ io, args, options, dryRun }: Asking, config: Config): Promise<Wanted> {
  const { runbook: name } = args
  const source = options.alert
  const fingerprint = options.fingerprint
  if (fingerprint !== undefined && source === undefined)
    throw new CliError(
      exit.usage,
      '`--fingerprint` chooses among the alerts of --alert',
      'Add --alert <file>.',
    )
  if (name === undefined && source === undefined)
    throw new CliError(
      exit.usage,
      'Missing <runbook or link>',
      'Write `runbook exec <runbook>`; see `runbook list`.',
    )
  if (source === undefined && !/^https?:\/\//i.test(name ?? '')) return { name: name ?? '', prefilled: {} }
  const { fromAlert, fromLink } = await import('./run-from-alert.ts')
  return source === undefined
    ? fromLink(name ?? '', config, io)
    : fromAlert(source, name, fingerprint, options.yes || dryRun, config, io)
}
