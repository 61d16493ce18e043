import { defineCommand, required } from '../../../../runner/kit/command.ts'
import type { CommandReport } from '../../../../runner/kit/command.ts'
import { filePath } from '../../../../runner/kit/types.ts'
import { rm } from 'node:fs/promises'
import { changeFlag, existing, loadState, told } from '../change-flag.ts'
import type { ChangeRequest, KeptState } from '../change-flag.ts'
import { CHANGE, requestOf } from '../flag-options.ts'
import { checking, restoreProblem } from '../flag-rules.ts'

export const restore = defineCommand({
  name: 'restore',
  summary: 'Restore the state that --save kept, and prove it.',
  args: {},
  options: {
    from: required(filePath('file'), 'The file that --save wrote.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const file = options.from
    const to = await loadState(file, options.key)
    const check = checking((_, all) => restoreProblem(to, all))
    const request = requestOf(options, dryRun, check)
    const outcome = await restoreKept(request, to)
    if (!dryRun) await rm(file, { force: true })
    return outcome
  },
})

async function restoreKept(request: ChangeRequest, to: KeptState): Promise<CommandReport> {
  const { provider, key, environment } = request
  const before = await existing({ provider, key, environment })
  // A rollout that takes itself back must not bring back what somebody has turned off meanwhile.
  if (before.isKilled && to.on && to.killedWith === undefined)
    return told('=', before, before, undefined, {
      ms: 0,
      note: `it was killed at ${before.meta.killed}, after this state was kept: it stays off`,
    })
  const kept = to.killedWith ?? []
  const killed =
    kept.length === 0 ? [] : (await provider.list(environment)).filter(({ isKilled }) => isKilled)
  const also = kept.filter((one) => killed.some(({ key: other }) => other === one.key))
  return await changeFlag(request, to.percentage, (change) => provider.restore(change, to, also))
}
