import type { ProcessOutcome } from '../../kinds/kind.ts'
import { processResult } from '../../kinds/process-result.ts'
import { fits, outputWithNul } from './fit-result.ts'
import type { EffectCheck } from './work.ts'

/** Exit 0: holds. Exit 1: does not. Anything else: unknown. */
export function effectOf(outcome: ProcessOutcome): EffectCheck {
  const { status, code, outputs, files } = outcome
  const broken = outputWithNul(outputs)
  if (!fits(outcome)) return cannotTell('the outputs of the `done` fence are too large to be recorded')
  if (broken !== undefined)
    return cannotTell(`the output \`${broken}\` of the \`done\` fence contains a NUL character`, files)
  if (status === 'exit' && code === 0)
    return { holds: 'yes', message: 'the `done` fence exited with 0', outputs, files }
  if (status === 'exit' && code === 1)
    return { holds: 'no', message: 'the `done` fence exited with 1', outputs: {}, files }
  return cannotTell(`the \`done\` fence ${processResult(outcome).message}`, files)
}

export function cannotTell(message: string, files?: ProcessOutcome['files']): EffectCheck {
  return { holds: 'cannot-tell', message, outputs: {}, ...(files ? { files } : {}) }
}
