import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { approvalProblem, shownOf } from '../../engine/people/approval.ts'
import type { MadeDecision } from '../../engine/people/approval.ts'
import { answerText, headOf } from '../../engine/people/request-file.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import type { Request as ApproveCall } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import { decisionSignerFor, trustFor } from '../shared/people/keys.ts'
import { leaveDecision, signedAnswer } from '../shared/people/leave-decision.ts'
import { copyOf } from '../shared/team/team-copy.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { identify } from '../shared/people/identify.ts'
import { askDecision } from './ask-decision.ts'
import type { Verdict } from './ask-decision.ts'
import { decideInBrowser } from './decide-in-browser.ts'
import { subjectOf, topicFor } from './subject.ts'
import { replaceFile } from '../../write-whole.ts'

interface DecideOptions {
  team: boolean
  reason?: string | undefined
  yes?: boolean
  force: boolean
  browser: boolean
  output?: string | undefined
}

type Decide = Omit<ApproveCall, 'options'> & { options: DecideOptions }

/** Shows what is decided on, asks, and leaves a yes or no for a step that waits for one. */
export async function decide({ io, args, options, dryRun }: Decide, wanted: Verdict): Promise<number> {
  const workspace = await openWorkspace(io)
  await using copy = options.team ? await copyOf(workspace, args.run) : undefined
  const { config } = copy ?? { config: workspace }
  using subject = await subjectOf(copy ? { ...args, run: copy.row.run } : args, config, io)
  const { plan, events, state, step } = subject
  const { actor: by } = await identify(config, io, 'approve')
  const topic = topicFor(subject, by.id)
  const problem = approvalProblem(plan, events, topic, by.id)
  if (problem)
    throw new CliError(
      exit.decided,
      problem,
      'Ask one of the approvers; they set RUNBOOK_ACTOR or git user.email to who they are.',
    )
  const shown = shownOf(events, topic)
  if (dryRun) {
    if (io.json) io.out(JSON.stringify({ run: state.run, step, would: wanted, by, shown }))
    else io.out(`${printable(shown)}\n\nwould record: ${wanted} ${step} of ${state.run} as ${by.id}`)
    return exit.done
  }
  const { reason = '', yes = false, force } = options
  refuseUnfit(options, subject.isElsewhere)
  const check = checkerOf(trustFor(config), io.env)
  const believing = { plan, events, head: headOf(subject), check }
  const call = [args.run, ...(args.step === undefined ? [] : [step])].join(' ')
  const asked = { call, run: state.run, step, shown, by }
  const onPage = options.browser ? await decideInBrowser(believing, { topic, by }, config, io) : undefined
  const made = options.browser ? onPage : await askDecision(asked, wanted, { reason, yes }, io)
  if (made === undefined) return exit.waiting
  if (made.decision === 'rejected' && made.reason === '')
    throw new CliError(exit.usage, 'A rejection needs a reason', 'Add --reason "…".')
  const signer = options.browser ? undefined : decisionSignerFor(config, io)
  const answerFor = (at: string): MadeDecision =>
    onPage ?? signedAnswer({ ...made, topic: at, by, signer }, believing)
  const file = subject.isElsewhere ? (options.output ?? answerName(args.run)) : undefined
  if (file !== undefined) replaceFile(resolve(io.cwd, file), answerText(state.run, topic, answerFor(topic)))
  else if (copy) await copy.port.answer(randomUUID(), state.run, topic, answerFor(topic))
  else leaveDecision(subject, { by, force, topics: options.browser ? [topic] : subject.topics }, answerFor)
  const signed = options.browser || signer !== undefined
  const digest = sha256(shown)
  const { decision } = made
  if (io.json)
    io.out(JSON.stringify({ run: state.run, step, decision, by, signed, shownSha256: digest, file }))
  else {
    const how = signed ? ', signed' : ', UNSIGNED'
    io.out(`${decision} ${step} of ${state.run} as ${by.id}${how}, shown ${digest.slice(0, 12)}`)
    if (file !== undefined)
      io.note(`Hand ${file} to whoever runs it; they call \`${io.program} answer ${file}\`.`)
  }
  return exit.done
}

function refuseUnfit({ force, reason = '', output }: DecideOptions, isElsewhere: boolean): void {
  if (force && isElsewhere)
    throw new CliError(exit.usage, '`--force` replaces a decision where the run is', 'Omit it.')
  if (force && reason === '')
    throw new CliError(exit.usage, 'Replacing a decision needs a reason', 'Add --reason "…".')
  if (output !== undefined && !isElsewhere)
    throw new CliError(
      exit.usage,
      '`--output` goes with a file of `runbook request`',
      'Omit it: a decision on a run of this workspace is handed to that run.',
    )
}

/** The file of a decision beside that of its request. */
function answerName(request: string): string {
  return `${request.replace(/\.request$/, '')}.answer`
}
