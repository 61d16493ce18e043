import { defineCommand, flag, required, withDefault } from '../../../../runner/kit/command.ts'
import type { CommandReport } from '../../../../runner/kit/command.ts'
import { filePath, integer } from '../../../../runner/kit/types.ts'
import { CliError } from '../../../../runner/kit/error.ts'
import { exit } from '../../../../runner/kit/exit.ts'
import { needed } from '../../../../runner/kit/read-values.ts'
import { commit, existing } from '../change-flag.ts'
import type { FlagState } from '../flag-model.ts'
import { CHANGE, requestOf } from '../flag-options.ts'
import { archiveProblem, checking } from '../flag-rules.ts'
import { FULL_DAYS, codeReferences, days } from '../stale.ts'

export const archive = defineCommand({
  name: 'archive',
  summary:
    'Remove a flag. Refuses while code asks for it, and until it has been on for everybody, or for nobody, long enough.',
  args: {},
  options: {
    repository: required(filePath('folder'), 'Checkout whose code must not name the flag.'),
    settledFor: withDefault(
      integer(1, 3650, 'days'),
      String(FULL_DAYS),
      'Days it must have been on for everybody, or for nobody.',
    ),
    early: flag('Archive it before that; needs --comment.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const check = checking(archiveProblem)
    const request = requestOf(options, dryRun, check)
    const { provider, key, environment } = request
    const state = await existing(request)
    check(state, provider.capabilities.metadata ? await provider.list(environment) : [state])
    if (options.early) needed(options.comment, '--comment')
    else refuseUnsettled(state, options.settledFor)
    const repository = options.repository
    const references = (await codeReferences(repository, [key])).get(key) ?? []
    if (references.length > 0)
      throw new CliError(
        exit.failed,
        `${key} is still in the code: ${references.length} places name it:\n         ${references.slice(0, 20).join('\n         ')}`,
        'Remove them, deploy, and wait until nobody evaluates it.',
      )
    if (dryRun)
      return { document: { ok: true, changed: false }, text: `$ would archive ${key} in ${environment}\n` }
    const change = {
      key,
      environment,
      comment: request.comment,
      check,
      ifVersion: request.ifVersion ?? state.version,
    }
    await provider.archive(change)
    const left = await provider.get(key, environment)
    if (left !== undefined && !left.archived)
      throw new CliError(
        exit.failed,
        `${key} is still there: it was read back after it was archived`,
        'Look at the provider.',
      )
    const note = request.commit ? await commit(request) : ''
    return { document: { ok: true, changed: true, note }, text: `+ archived ${key} in ${environment}\n` }
  },
})

/** @throws {CliError} when a flag was not the same for all users, long enough */
function refuseUnsettled({ key, percentage, named, meta }: FlagState, wanted: number): void {
  const since = meta.changed || meta.created
  const held = since === '' ? undefined : days(Date.now(), since)
  const forNobody = percentage === 0 && named.users.length + named.groups.length === 0
  if ((percentage === 100 || forNobody) && held !== undefined && held >= wanted) return
  throw new CliError(
    exit.failed,
    `${key} is too young to be archived: it is on for ${percentage} % of the users, ${held === undefined ? 'since an unknown day' : `for ${held} days`}; expected 100 % or nobody for ${wanted} days`,
    'Wait, or add --early and say why with --comment.',
  )
}
