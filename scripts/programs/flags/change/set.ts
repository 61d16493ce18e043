import { defineCommand, optional, required } from '../../../../runner/kit/command.ts'
import type { CommandReport } from '../../../../runner/kit/command.ts'
import { CliError } from '../../../../runner/kit/error.ts'
import { exit } from '../../../../runner/kit/exit.ts'
import { changeFlag, existing } from '../change-flag.ts'
import type { ChangeRequest } from '../change-flag.ts'
import type { FlagState } from '../flag-model.ts'
import { CHANGE, needs, percent, requestOf } from '../flag-options.ts'
import { changeProblem, checking, stageProblem } from '../flag-rules.ts'
import { evaluateSample } from '../prove.ts'
import { AFTER_KILL, TAKE_AWAY, rulesOf } from './decided.ts'

/** A share of this many users is told as a number of people. */
const OUT_OF = 10_000

export const set = defineCommand({
  name: 'set',
  summary: 'Give the feature to a share of the users, read it back, and prove it with 10,000 users.',
  args: {},
  options: {
    percent: required(percent, 'Share of users, to 0.001.'),
    from: optional(percent, 'Refuse when fewer users have it now: somebody has turned it off.'),
    afterKill: AFTER_KILL,
    ...TAKE_AWAY,
    ...CHANGE,
  },
  effect: 'write',
  examples: ['runbook flags set --key ui_new_total --percent 10 --save before.json'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const percentage = options.percent
    const rules = rulesOf(options)
    const check = checking(
      (state, all) =>
        stageProblem(state, options.from) ??
        changeProblem(state, { percentage, named: state.named }, all, rules),
    )
    const request = requestOf(options, dryRun, check)
    if (percentage !== 0 && percentage !== 100) needs(request.provider, 'percentage')
    const before = await existing(request)
    if (!options.takeAway) await refuseLoss(request, before, percentage)
    const decided = { ...request, ifVersion: request.ifVersion ?? before.version }
    return await changeFlag(decided, percentage, (change) =>
      request.provider.setPercentage(change, percentage),
    )
  },
})

/** @throws {CliError} when users who have the feature would lose it */
async function refuseLoss(
  { provider, key, environment }: ChangeRequest,
  before: FlagState,
  percentage: number,
): Promise<void> {
  // Rules that were written by hand have no percentage: their share is measured.
  const share = Number.isNaN(before.percentage)
    ? shareOf(await evaluateSample(provider, key, environment))
    : before.percentage
  if (percentage >= share) return
  const lost = Math.round(((share - percentage) / 100) * OUT_OF)
  throw new CliError(
    exit.failed,
    `${lost} of every ${OUT_OF} users would lose ${key}: it is on for ${share} %, and ${percentage} % was asked for`,
    'Add --take-away if that is meant, or use `runbook flags kill` to turn it off for everybody.',
  )
}

function shareOf(sample: readonly boolean[]): number {
  return (sample.filter(Boolean).length / sample.length) * 100
}
