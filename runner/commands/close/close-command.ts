import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { documentText, namespaces, parseHead, runnersBefore } from '../../journal/verify/evidence.ts'
import { readTextWithin } from '../../journal/record/folder.ts'
import { presenceProblem, wantedPresence } from '../../journal/verify/rules/presence.ts'
import { evidenceFiles, readRun } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { makeVerify } from '../../engine/verify-run.ts'
import { version } from '../../kit/version.ts'
import type { Json } from '../../model/values/json.ts'
import { samePerson } from '../../model/people/person.ts'
import type { Config } from '../../config.ts'
import type { Actor } from '../../model/plan.ts'
import { orThrow } from '../../model/problem.ts'
import { reviewOf } from '../../postmortem/closing.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import type { Signer } from '../../engine/sign/signing-key.ts'
import { closeInBrowser } from './close-in-browser.ts'
import type { ClosingDraft, Desk, MadeClosing } from './close-in-browser.ts'
import { shownText } from './close-text.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { decisionSignerFor, keyHint, trustFor } from '../shared/people/keys.ts'
import { securityKeyHint } from '../shared/people/refuse-without-keys.ts'
import { identify } from '../shared/people/identify.ts'
import { incidentOfRun } from '../shared/incident-of-run.ts'
import { complete } from '../shared/evidence/complete-seal.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'
import { writeWhole } from '../../write-whole.ts'

/** The operator seals a run that a crash left unsealed; anybody else closes it as the second person. */
export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const stored = readRun(config.state, findRun(config, args.run))
  if (stored.events.at(-1)?.type !== 'run-ended')
    throw new CliError(
      exit.usage,
      `The run ${stored.state.run} has not ended`,
      `Go on with \`runbook resume ${stored.state.run}\`.`,
    )
  const { actor: by } = await identify(config, io, 'approve')
  const own = runnersBefore(stored.events, stored.events.length).some((id) =>
    samePerson(id, by.id, stored.plan.aliases),
  )
  if (!own) refuseUnreviewed(config, stored, io)
  if (!own && !io.json) io.note(`${printable(shownText(stored))}\n`)
  if (dryRun) {
    const would = own ? 'seal' : 'close'
    io.out(
      io.json
        ? JSON.stringify({ run: stored.state.run, would, by })
        : `would ${would} ${stored.state.run} as ${by.id}`,
    )
    return exit.done
  }
  if (!own && !options.browser && !options.yes && !(await isWanted(stored, by, io))) return exit.waiting
  const completed = complete(stored, config, by, io)
  const signed = own ? completed.signed : await closeAsSecond(stored, { config, by, io }, options.browser)
  if (signed === undefined) return exit.waiting
  const what = own ? 'sealed' : 'closed'
  if (io.json) io.out(JSON.stringify({ run: stored.state.run, what, by, signed }))
  else io.out(`${what} ${stored.state.run} as ${by.id}${signed ? ', signed' : ', UNSIGNED'}`)
  return exit.done
}

/** An incident that owes a postmortem keeps its run from being closed, at the terminal and in the browser. */
function refuseUnreviewed(config: Config, { state, plan }: StoredRun, io: Io): void {
  const opened = incidentOfRun(config, state.run, io)
  if (opened === undefined) return
  orThrow(reviewOf(opened.incident, opened.severity, opened.postmortem, plan.aliases), exit.decided)
}

/** A yes of the person at the terminal; a prompt that is left is a no, and without a terminal only `--yes` is a yes. */
async function isWanted(stored: StoredRun, by: Actor, io: Io): Promise<boolean> {
  const id = stored.state.run
  if (!io.interactive) {
    if (io.json) io.out(JSON.stringify({ run: id, shown: shownText(stored), by }))
    io.say(`Nothing was closed. Read it, then close as ${by.id} with: ${io.program} close ${id} --yes`)
    return false
  }
  const { PromptCancelled, askChoice } = await import('../../kit/prompt.ts')
  try {
    const answer = await askChoice(`Close ${id} as ${by.id}?`, [
      { value: 'leave', label: 'Leave it', hint: 'nothing is signed' },
      { value: 'close', label: 'Close it', hint: 'you have read the run' },
    ])
    return answer === 'close'
  } catch (error) {
    if (!(error instanceof PromptCancelled)) throw error
    return false
  }
}

/** Stores the closing. Returns whether it is signed, and undefined when the person left the page unsigned. */
async function closeAsSecond(
  stored: StoredRun,
  desk: Desk,
  inBrowser: boolean,
): Promise<boolean | undefined> {
  const { folder, plan, state, events } = stored
  const { config, by, io } = desk
  const check = checkerOf(trustFor(config), io.env)
  const { checks } = await makeVerify(version, config.kinds)(folder, check)
  const failures = checks.filter(({ name, status }) => status === 'failed' && name !== 'closing')
  if (failures[0])
    throw new CliError(
      exit.decided,
      `A run that does not verify cannot be closed: ${failures[0].message}`,
      `See \`runbook verify ${state.run}\`.`,
    )
  const presence = wantedPresence(plan as unknown as Json, events)
  const head = parseHead(readTextWithin(folder, evidenceFiles.head))
  const draft: ClosingDraft = {
    v: 1,
    purpose: 'close',
    run: state.run,
    head: { size: head?.size ?? 0, sha256: head?.sha256 ?? '' },
    planSha256: state.planSha256,
    by: by.id,
    nonce: randomUUID(),
    shownSha256: sha256(shownText(stored)),
  }
  /** Why a closing would not count, for `verify` judges it by the same rules. */
  const doubt = ({ text, signature, ts }: MadeClosing): string | undefined =>
    (signature === undefined
      ? check && 'it is UNSIGNED, and allowed_signers asks for a signature'
      : check?.({ principal: by.id, namespace: namespaces.approval, message: text, signature, at: ts })) ??
    presenceProblem({ by: by.id, of: 'The closing', signature }, presence)
  const made = inBrowser
    ? await closeInBrowser(stored, { draft, presence, doubt }, desk)
    : closeByKey(draft, decisionSignerFor(config, io))
  if (made === undefined) return undefined
  const problem = doubt(made)
  if (problem !== undefined)
    throw new CliError(
      exit.decided,
      `${plan.title} cannot be closed by ${by.id}: ${problem}`,
      presence === 'none' ? keyHint(decisionSignerFor(config, io)) : securityKeyHint,
    )
  writeWhole(join(folder, evidenceFiles.closing), made.text)
  if (made.signature !== undefined) writeWhole(join(folder, evidenceFiles.closingSignature), made.signature)
  return made.signature !== undefined
}

function closeByKey(draft: ClosingDraft, signer: Signer | undefined): MadeClosing {
  const ts = new Date().toISOString()
  const text = documentText({ ...draft, ts })
  return { text, ts, signature: signer?.sign(namespaces.approval, text) }
}
