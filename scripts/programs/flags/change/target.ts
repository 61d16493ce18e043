import { defineCommand, many } from '../../../../runner/kit/command.ts'
import type { CommandReport } from '../../../../runner/kit/command.ts'
import { string } from '../../../../runner/kit/types.ts'
import { CliError } from '../../../../runner/kit/error.ts'
import { exit } from '../../../../runner/kit/exit.ts'
import { changeFlag, existing } from '../change-flag.ts'
import { CHANGE, needs, requestOf } from '../flag-options.ts'
import { changeProblem, checking } from '../flag-rules.ts'
import { AFTER_KILL, TAKE_AWAY, rulesOf } from './decided.ts'

export const target = defineCommand({
  name: 'target',
  summary: 'Name users and groups who are on whatever the percentage. Replaces those named before.',
  args: {},
  options: {
    user: many(string('id'), 'A user; never an e-mail address or a phone number.'),
    group: many(string('name'), 'A group, such as beta.'),
    afterKill: AFTER_KILL,
    ...TAKE_AWAY,
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const rules = rulesOf(options)
    const named = { users: options.user, groups: options.group }
    const check = checking((state, all) =>
      changeProblem(state, { percentage: state.percentage, named }, all, rules),
    )
    const request = requestOf(options, dryRun, check)
    needs(request.provider, 'segments')
    const personal = options.user.find((user) => /@|^\+?\d[\d -]{6,}$/.test(user))
    if (personal !== undefined)
      throw new CliError(
        exit.usage,
        'A user is named by an e-mail address or a phone number: flag files are in git for ever, and read by everybody',
        'Use the id of the account.',
      )
    const before = await existing(request)
    const { percentage, version } = before
    const kept = [...options.user, ...options.group]
    const lost = [...before.named.users, ...before.named.groups].filter((name) => !kept.includes(name))
    if (lost.length > 0 && !options.takeAway)
      throw new CliError(
        exit.failed,
        `${lost.join(', ')} would no longer be named by ${request.key}, and may lose it`,
        'Name them too, or add --take-away if that is meant.',
      )
    const decided = { ...request, ifVersion: request.ifVersion ?? version }
    return await changeFlag(decided, percentage, (change) =>
      request.provider.target(change, options.user, options.group),
    )
  },
})
