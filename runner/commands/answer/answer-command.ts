import { randomUUID } from 'node:crypto'
import { disbelief, openApprovals } from '../../engine/people/approval.ts'
import { postDecision } from '../../engine/people/inbox.ts'
import { headOf, readAnswer } from '../../engine/people/request-file.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { parseKey } from '../../journal/record/event.ts'
import { readRun } from '../../journal/record/run-store.ts'
import { personOf, samePerson } from '../../model/people/person.ts'
import { orThrow } from '../../model/problem.ts'
import { asText } from '../../model/values/json.ts'
import type { CommandReport } from '../../kit/command.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { namedFile } from '../../kit/named-file.ts'
import type { Request } from './index.ts'
import { trustFor } from '../shared/people/keys.ts'
import { copyOf } from '../shared/team/team-copy.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'

/** Judges a decision from another machine as the run will, and puts it where the run finds it. */
export async function run({ io, args, options, dryRun }: Request): Promise<CommandReport> {
  const workspace = await openWorkspace(io)
  const { run: id, topic, answer } = orThrow(readAnswer(namedFile(args.file, io)), exit.usage)
  await using copy = options.team ? await copyOf(workspace, id) : undefined
  const { config } = copy ?? { config: workspace }
  const stored = readRun(config.state, copy?.row.run ?? findRun(config, id))
  const { plan, events, folder, state } = stored
  const { step } = parseKey(topic)
  const again = `Ask for another: \`runbook request ${state.run} ${step}\`.`
  if (!openApprovals(events, step).includes(topic))
    throw new CliError(exit.usage, `The run ${state.run} does not wait for \`${topic}\``, again)
  const check = checkerOf(trustFor(config), io.env)
  const doubt = disbelief(answer, topic, { plan, events, head: headOf(stored), check })
  if (doubt !== undefined)
    throw new CliError(exit.decided, `The run would not believe this decision: ${doubt}`, again)
  const { by, decision } = answer
  const isOwn = (other: { by?: unknown }): boolean =>
    samePerson(asText((other.by as { id?: string } | undefined)?.id), by.id, plan.aliases)
  const writer = personOf(by.id, plan.aliases)
  const place = { folder, topics: [topic], writer, replace: false, isOwn, make: () => answer }
  if (copy && !dryRun) await copy.port.answer(randomUUID(), state.run, topic, answer)
  else if (!dryRun && !postDecision(place))
    throw new CliError(
      exit.usage,
      `A decision of ${by.id} on \`${step}\` is there already, and the run has not read it yet`,
      `Go on with \`runbook resume ${state.run}\`.`,
    )
  return {
    document: { run: state.run, step, decision, by, ...(dryRun ? { dryRun } : {}) },
    text: `${dryRun ? 'would hand in: ' : ''}${decision} ${step} of ${state.run} by ${by.id}`,
  }
}
