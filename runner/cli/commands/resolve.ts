import { resolutions } from '../../engine/durable.ts'
import { postAnswer } from '../../engine/inbox.ts'
import { parseKey } from '../../journal/event.ts'
import { readRun } from '../../journal/store.ts'
import type { Call } from '../command.ts'
import { text } from '../command.ts'
import { CliError } from '../error.ts'
import { exit } from '../exit.ts'
import { findRun, openWorkspace } from '../workspace.ts'
import { identify } from '../who.ts'

/** Leaves a person's word on an attempt nobody saw the end of. */
export async function run({ io, positionals, options }: Call): Promise<number> {
  const config = await openWorkspace(io)
  const id = findRun(config, positionals[0] ?? '')
  const step = positionals[1] ?? ''
  const { folder, state } = readRun(config.state, id)
  const topic = state.waitingFor?.topic ?? ''
  if (!topic.endsWith('/resolve') || parseKey(topic).step !== step) {
    const waiting = topic === '' ? undefined : parseKey(topic).step
    throw new CliError(
      exit.usage,
      `Nobody asks how step \`${step}\` of ${id} ended`,
      waiting ? `The run waits at \`${waiting}\`.` : `See \`runbook log ${id}\`.`,
    )
  }
  const answer = resolutions.find((one) => one === text(options, 'as'))
  if (!answer)
    throw new CliError(
      exit.usage,
      `Unexpected answer \`${text(options, 'as') ?? ''}\``,
      `Add --as ${resolutions.join('|')}.`,
    )
  const reason = text(options, 'reason') ?? ''
  if (reason.trim() === '')
    throw new CliError(exit.usage, 'The answer needs a reason', 'Add --reason "…": how do you know?')
  const { actor: by } = await identify(config, io, 'resolve')
  if (!postAnswer(folder, topic, { answer, reason, by }))
    throw new CliError(
      exit.usage,
      `An answer on \`${step}\` is there already, and the run has not read it yet`,
      `Go on with \`runbook resume ${id}\`.`,
    )
  if (io.json) io.out(JSON.stringify({ run: id, step, answer, reason, by }))
  else io.out(`${step} of ${id}: ${answer}, as ${by.id} says\n  go on with: ${io.program} resume ${id}`)
  return exit.done
}
