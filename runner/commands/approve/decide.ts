import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { approvalProblem, disbelief, makeDecision, shownOf } from '../../engine/people/approval.ts'
import type { Believing, MadeDecision } from '../../engine/people/approval.ts'
import { postDecision } from '../../engine/people/inbox.ts'
import { answerText, headOf } from '../../engine/people/request-file.ts'
import type { Signer } from '../../engine/sign/signing-key.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { personOf, samePerson } from '../../model/person.ts'
import type { Actor } from '../../model/plan.ts'
import { asText } from '../../model/values/json.ts'
import type { Request as ApproveCall } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import { keyHint, signerFor, trustFor } from '../shared/keys.ts'
import { securityKeyHint } from '../shared/refuse-without-keys.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { identify } from '../shared/who.ts'
import { askDecision } from './ask-decision.ts'
import type { Verdict } from './ask-decision.ts'
import { decideInBrowser } from './decide-in-browser.ts'
import { subjectOf, topicFor } from './subject.ts'
import type { Subject } from './subject.ts'

interface DecideOptions {
  reason?: string | undefined
  yes?: boolean
  force: boolean
  browser: boolean
  output?: string | undefined
}

type Decide = Omit<ApproveCall, 'options'> & { options: DecideOptions }

/** Shows what is decided on, asks, and leaves a yes or no for a step that waits for one. */
export async function decide({ io, args, options, dryRun }: Decide, wanted: Verdict): Promise<number> {
  const config = await openWorkspace(io)
  using subject = await subjectOf(args, config, io)
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
  const signer = options.browser ? undefined : signerFor(config, io)
  const answerFor = (at: string): MadeDecision =>
    onPage ?? signedAnswer({ ...made, topic: at, by, signer }, believing)
  const file = subject.isElsewhere ? (options.output ?? answerName(args.run)) : undefined
  if (file !== undefined) writeFileSync(resolve(io.cwd, file), answerText(state.run, topic, answerFor(topic)))
  else post(subject, { by, force, topics: options.browser ? [topic] : subject.topics }, answerFor)
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

/** A decision signed by the person's key, when the run would believe it. Throws CliError when it would not. */
function signedAnswer(
  made: { decision: Verdict; reason: string; topic: string; by: Actor; signer: Signer | undefined },
  believing: Believing,
): MadeDecision {
  const answer = makeDecision({ ...made, ...believing })
  const doubt = disbelief(answer, made.topic, believing)
  if (doubt === undefined) return answer
  throw new CliError(
    exit.decided,
    `The run would not believe this decision: ${doubt}`,
    doubt.includes('presence `') ? securityKeyHint : keyHint(made.signer),
  )
}

/** Leaves the decision in the run's inbox. Throws CliError where one by the same person lies there. */
function post(
  { folder, plan, step, state }: Subject,
  { by, force, topics }: { by: Actor; force: boolean; topics: readonly string[] },
  make: (topic: string) => MadeDecision,
): void {
  const posted = postDecision({
    folder,
    topics,
    replace: force,
    writer: personOf(by.id, plan.aliases),
    isOwn: (answer) =>
      samePerson(asText((answer['by'] as { id?: string } | undefined)?.id), by.id, plan.aliases),
    make,
  })
  if (posted) return
  throw new CliError(
    exit.usage,
    `Your decision on \`${step}\` is there already, and the run has not read it yet`,
    `Go on with \`runbook resume ${state.run}\`, or replace it with --force --reason "…".`,
  )
}

/** The file of a decision beside that of its request. */
function answerName(request: string): string {
  return `${request.replace(/\.request$/, '')}.answer`
}
