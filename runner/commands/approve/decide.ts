import { join } from 'node:path'
import {
  approvalProblem,
  disbelief,
  makeDecision,
  openApprovals,
  shownOf,
} from '../../engine/people/approval.ts'
import { postDecision } from '../../engine/people/inbox.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { lineHash } from '../../journal/record/read-journal.ts'
import { files, readRun } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { asText } from '../../model/values/json.ts'
import { personOf, samePerson } from '../../model/person.ts'
import type { Actor } from '../../model/plan.ts'
import type { Request as ApproveCall } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { keyHint, signerFor, trustFor } from '../shared/keys.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'
import { securityKeyHint } from '../shared/refuse-without-keys.ts'
import { identify } from '../shared/who.ts'

interface DecideOptions {
  reason?: string | undefined
  yes?: boolean
  force?: boolean
}

type Verdict = 'approved' | 'rejected'

/** Shows what is decided on, asks, and leaves a yes or no for a step that waits for one. */
export async function decide(
  { io, args, options, dryRun }: Omit<ApproveCall, 'options'> & { options: DecideOptions },
  wanted: Verdict,
): Promise<number> {
  const config = await openWorkspace(io)
  const id = findRun(config, args.run)
  const { step } = args
  const { folder, plan, events, state } = readRun(config.state, id)
  const topics = openApprovals(events, step)
  const [first] = topics
  if (first === undefined) {
    const waiting = state.waitingFor?.topic.split('/')[0]
    throw new CliError(
      exit.usage,
      `Step \`${step}\` of ${id} does not wait for an approval`,
      waiting ? `The run waits at \`${waiting}\`.` : `See \`runbook log ${id}\`.`,
    )
  }
  const { actor: by } = await identify(config, io, 'approve')
  const problem = approvalProblem(plan, events, first, by.id)
  if (problem)
    throw new CliError(
      exit.decided,
      problem,
      'Ask one of the approvers; they set RUNBOOK_ACTOR or git user.email to who they are.',
    )
  const shown = shownOf(events, first)
  if (dryRun) {
    if (io.json) io.out(JSON.stringify({ run: id, step, would: wanted, by, shown }))
    else io.out(`${printable(shown)}\n\nwould record: ${wanted} ${step} of ${id} as ${by.id}`)
    return exit.done
  }
  const request = { run: id, step, shown, by }
  const asked = await ask(request, wanted, { reason: options.reason ?? '', yes: options.yes === true }, io)
  if (asked === undefined) return exit.waiting
  const { decision, reason } = asked
  if (decision === 'rejected' && reason === '')
    throw new CliError(exit.usage, 'A rejection needs a reason', 'Add --reason "…".')
  const force = options.force === true
  if (force && reason === '')
    throw new CliError(exit.usage, 'Replacing a decision needs a reason', 'Add --reason "…".')
  const signer = signerFor(config, io)
  const head = lineHash(join(folder, files.journal), events.length)
  const check = checkerOf(trustFor(config), io.env)
  const posted = postDecision({
    folder,
    topics,
    replace: force,
    writer: personOf(by.id, plan.aliases),
    isOwn: (answer) =>
      samePerson(asText((answer['by'] as { id?: string } | undefined)?.id), by.id, plan.aliases),
    make(topic) {
      const answer = makeDecision({ events, head, topic, decision, reason, by, signer })
      const doubt = disbelief(answer, topic, { plan, events, head, check })
      if (doubt)
        throw new CliError(
          exit.decided,
          `The run would not believe this decision: ${doubt}`,
          doubt.includes('presence `') ? securityKeyHint : keyHint(signer),
        )
      return answer
    },
  })
  if (!posted)
    throw new CliError(
      exit.usage,
      `Your decision on \`${step}\` is there already, and the run has not read it yet`,
      `Go on with \`runbook resume ${id}\`, or replace it with --force --reason "…".`,
    )
  const digest = sha256(shown)
  const signed = signer !== undefined
  if (io.json) io.out(JSON.stringify({ run: id, step, decision, by, signed, shownSha256: digest }))
  else
    io.out(
      `${decision} ${step} of ${id} as ${by.id}${signed ? ', signed' : ', UNSIGNED'}, shown ${digest.slice(0, 12)}`,
    )
  return exit.done
}

interface Request {
  run: string
  step: string
  shown: string
  by: Actor
}

/**
 * What the person decides once they have seen what is recorded as shown. Without a terminal a yes takes `--yes`; a no is
 * safe and takes none. Undefined: nothing was decided.
 */
async function ask(
  { run, step, shown, by }: Request,
  wanted: Verdict,
  { reason, yes }: { reason: string; yes: boolean },
  io: Io,
): Promise<{ decision: Verdict; reason: string } | undefined> {
  const sure = yes || (wanted === 'rejected' && reason !== '')
  if (!io.interactive && !sure) {
    if (io.json) io.out(JSON.stringify({ run, step, shown, shownSha256: sha256(shown) }))
    else io.out(printable(shown))
    const verb = wanted === 'approved' ? 'approve' : 'reject'
    const flag = wanted === 'approved' ? '--yes' : '--reason "…"'
    io.say(
      `\nNothing was decided. Read it, then decide as ${by.id} with: ${io.program} ${verb} ${run} ${step} ${flag}`,
    )
    return undefined
  }
  if (!io.json) io.note(`${printable(shown)}\n`)
  if (!io.interactive || sure) return { decision: wanted, reason }
  const { PromptCancelled, askChoice, askText } = await import('../../kit/prompt.ts')
  const verdicts = [
    { value: 'approved', label: 'Approve', hint: 'the run goes on' },
    { value: 'rejected', label: 'Reject', hint: 'with a reason; the run stops' },
  ] as const
  try {
    const answer = await askChoice<Verdict | 'leave'>(`Decide as ${by.id}:`, [
      { value: 'leave', label: 'Leave it', hint: 'nothing is decided' },
      ...(wanted === 'approved' ? verdicts : verdicts.toReversed()),
    ])
    if (answer === 'leave') return undefined
    if (answer === 'approved' || reason !== '') return { decision: answer, reason }
    const check = (value: string): string | undefined => (value.trim() === '' ? 'Write a reason' : undefined)
    return { decision: answer, reason: await askText('Why?', { check }) }
  } catch (error) {
    if (!(error instanceof PromptCancelled)) throw error
    return undefined
  }
}
