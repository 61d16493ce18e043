import { randomUUID } from 'node:crypto'
import { postAnswer } from '../../engine/people/inbox.ts'
import { parseKey } from '../../journal/record/event.ts'
import { readRun } from '../../journal/record/run-store.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { identify } from '../shared/people/identify.ts'
import { copyOf } from '../shared/team/team-copy.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'

/** Records a person's decision on an attempt with an unknown outcome. */
export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const workspace = await openWorkspace(io)
  await using copy = options.team ? await copyOf(workspace, args.run) : undefined
  const { config } = copy ?? { config: workspace }
  const id = copy?.row.run ?? findRun(config, args.run)
  const step = args.step
  const { folder, state } = readRun(config.state, id)
  const topic = copy ? copy.row.waiting : (state.waitingFor?.topic ?? '')
  if (!topic.endsWith('/resolve') || parseKey(topic).step !== step) {
    const waiting = topic === '' ? undefined : parseKey(topic).step
    throw new CliError(
      exit.usage,
      `Step \`${step}\` of ${id} does not wait for an outcome`,
      waiting ? `The run waits at \`${waiting}\`.` : `See \`runbook log ${id}\`.`,
    )
  }
  const answer = options.as
  const reason = options.reason ?? ''
  if (reason.trim() === '')
    throw new CliError(exit.usage, 'The answer needs a reason', 'Add --reason "…": how do you know?')
  const { actor: by } = await identify(config, io, 'resolve')
  if (copy && !dryRun) await copy.port.answer(randomUUID(), id, topic, { answer, reason, by })
  else if (!dryRun && !postAnswer(folder, topic, { answer, reason, by }))
    throw new CliError(
      exit.usage,
      `An answer on \`${step}\` is there already, and the run has not read it yet`,
      `Go on with \`runbook resume ${id}\`.`,
    )
  if (io.json) io.out(JSON.stringify({ run: id, step, answer, reason, by }))
  else if (dryRun) io.out(`would record that ${step} of ${id} ended: ${answer}`)
  else {
    const next = copy ? 'its runner goes on' : `go on with: ${io.program} resume ${id}`
    io.out(`${step} of ${id}: ${answer}, as ${by.id} says\n  ${next}`)
  }
  return exit.done
}
