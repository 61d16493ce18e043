import { defineCommand, many, optional } from '../../../../runner/kit/command.ts'
import type { CommandReport } from '../../../../runner/kit/command.ts'
import { choice, day, string } from '../../../../runner/kit/types.ts'
import { CliError } from '../../../../runner/kit/error.ts'
import { exit } from '../../../../runner/kit/exit.ts'
import { changeFlag, existing } from '../change-flag.ts'
import { FLAG_TYPES } from '../flag-model.ts'
import type { NewMeta } from '../flag-model.ts'
import { CHANGE, keyList, needs, requestOf } from '../flag-options.ts'
import { checking, requiresProblem } from '../flag-rules.ts'

export const describe = defineCommand({
  name: 'describe',
  summary: 'Changes the owner, the last day, the requirements and other facts of a flag; users get the same.',
  args: {},
  options: {
    owner: optional(string('team'), 'Who retires it.'),
    type: optional(choice(FLAG_TYPES), 'Decides how long it may live.'),
    description: optional(string('text'), 'The feature that the flag controls.'),
    expires: optional(day, 'Last day on which more users get it.'),
    requires: optional(keyList, 'Flags that its feature needs, with commas between them, or none.'),
    tag: many(string('name'), 'Such as iteration:I5. Replaces the tags.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: ['runbook flags describe --key ui_new_total --requires ui_cart'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { owner, type, description, expires, requires, tag } = options
    const about: Partial<NewMeta> = {
      ...(owner !== undefined && { owner }),
      ...(type !== undefined && { type }),
      ...(description !== undefined && { description }),
      ...(expires !== undefined && { expires }),
      ...(requires !== undefined && { requires }),
      ...(tag.length > 0 && { tags: tag }),
    }
    if (Object.keys(about).length === 0)
      throw new CliError(
        exit.usage,
        'There is nothing to change',
        'Give --owner, --expires, --requires or another fact.',
      )
    const check = checking((state, all) =>
      about.requires === undefined ? undefined : requiresProblem(state, about, all),
    )
    const request = requestOf(options, dryRun, check)
    needs(request.provider, 'metadata')
    const { percentage } = await existing(request)
    return await changeFlag(request, percentage, (change) => request.provider.describe(change, about))
  },
})
