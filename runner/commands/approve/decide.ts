import { join } from 'node:path'
import { approvalProblem, disbelief, makeDecision, openApproval } from '../../engine/people/approval.ts'
import { whoAmI } from '../../engine/people/identity.ts'
import { postAnswer } from '../../engine/people/inbox.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { files, readRun } from '../../journal/store.ts'
import { lineHash } from '../../journal/read.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { keyHint, signerFor, trustFor } from '../shared/keys.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'

/** Leaves a yes or no for a step that waits for one. */
export async function decide(
  { io, args, options, dryRun }: Request,
  decision: 'approved' | 'rejected',
): Promise<number> {
  const config = await openWorkspace(io)
  const id = findRun(config, args.run)
  const step = args.step
  const { folder, plan, events, state } = readRun(config.state, id)
  const topic = openApproval(events, step)
  if (topic === undefined) {
    const waiting = state.waitingFor?.topic.split('/')[0]
    throw new CliError(
      exit.usage,
      `Step \`${step}\` of ${id} does not wait for an approval`,
      waiting ? `The run waits at \`${waiting}\`.` : `See \`runbook log ${id}\`.`,
    )
  }
  const by = whoAmI(io.env, 'approve')
  const problem = approvalProblem(plan, events, topic, by.id)
  if (problem)
    throw new CliError(
      exit.decided,
      problem,
      'Ask one of the approvers; they set RUNBOOK_ACTOR or git user.email to who they are.',
    )
  const reason = options.reason ?? ''
  if (decision === 'rejected' && reason === '')
    throw new CliError(exit.usage, 'A rejection needs a reason', 'Add --reason "…".')
  const signer = signerFor(config, io)
  const head = lineHash(join(folder, files.journal), events.length)
  const answer = makeDecision({ events, head, topic, decision, reason, by, signer })
  const doubt = disbelief(answer, topic, { plan, events, head, check: checkerOf(trustFor(config), io.env) })
  if (doubt)
    throw new CliError(exit.decided, `The run would not believe this decision: ${doubt}`, keyHint(signer))
  const force = options.force
  if (force && reason === '')
    throw new CliError(exit.usage, 'Replacing a decision needs a reason', 'Add --reason "…".')
  if (!dryRun && !postAnswer(folder, topic, answer, force)) {
    throw new CliError(
      exit.usage,
      `A decision on \`${step}\` is there already, and the run has not read it yet`,
      `Go on with \`runbook resume ${id}\`, or replace it with --force --reason "…".`,
    )
  }
  if (io.json)
    io.out(
      JSON.stringify({
        run: id,
        step,
        decision,
        by,
        signed: signer !== undefined,
        ...(dryRun && { dryRun }),
      }),
    )
  else
    io.out(
      `${dryRun ? 'would be ' : ''}${decision} ${step} of ${id} as ${by.id}${signer ? ', signed' : ', UNSIGNED'}`,
    )
  return exit.done
}
