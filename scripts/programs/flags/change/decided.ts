import { flag } from '../../../../runner/kit/command.ts'
import { needed } from '../../../../runner/kit/read-values.ts'

export const AFTER_KILL = flag('The flag was killed and may be on again; needs --comment.')

/** The decision on a killed flag has a reason. @throws {CliError} usage */
export function rulesOf({ afterKill, comment }: { afterKill: boolean; comment?: string | undefined }): {
  now: number
  afterKill: boolean
} {
  if (afterKill) needed(comment, '--comment')
  return { now: Date.now(), afterKill }
}

export const TAKE_AWAY = { takeAway: flag('Let users lose the feature, which is refused otherwise.') }
