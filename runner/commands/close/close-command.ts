import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { writeWhole } from '../../engine/sign/seal.ts'
import { documentText, namespaces, parseHead, runnersBefore } from '../../journal/verify/evidence.ts'
import type { Closing } from '../../journal/verify/evidence.ts'
import { readTextWithin } from '../../journal/record/folder.ts'
import { presenceProblem, wantedPresence } from '../../journal/verify/rules-presence.ts'
import { evidenceFiles, readRun } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { makeVerify } from '../../engine/verify-run.ts'
import { version } from '../../kit/version.ts'
import type { Config } from '../../config.ts'
import type { Json } from '../../model/values/json.ts'
import { samePerson } from '../../model/person.ts'
import type { Actor } from '../../model/plan.ts'
import { shownText } from './close-text.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { decisionSignerFor, keyHint, trustFor } from '../shared/keys.ts'
import { securityKeyHint } from '../shared/refuse-without-keys.ts'
import { identify } from '../shared/identify.ts'
import { complete } from '../shared/complete-seal.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'

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
  if (!own && !options.yes && !(await isWanted(stored, by, io))) return exit.waiting
  const completed = complete(stored, config, by, io)
  const signed = own ? completed.signed : await closeAsSecond(stored, config, by, io)
  const what = own ? 'sealed' : 'closed'
  if (io.json) io.out(JSON.stringify({ run: stored.state.run, what, by, signed }))
  else io.out(`${what} ${stored.state.run} as ${by.id}${signed ? ', signed' : ', UNSIGNED'}`)
  return exit.done
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

async function closeAsSecond(
  { folder, plan, state, events }: StoredRun,
  config: Config,
  by: Actor,
  io: Io,
): Promise<boolean> {
  const check = checkerOf(trustFor(config), io.env)
  const { checks } = await makeVerify(version, config.kinds)(folder, check)
  const failures = checks.filter(({ name, status }) => status === 'failed' && name !== 'closing')
  if (failures[0])
    throw new CliError(
      exit.decided,
      `A run that does not verify cannot be closed: ${failures[0].message}`,
      `See \`runbook verify ${state.run}\`.`,
    )
  const head = parseHead(readTextWithin(folder, evidenceFiles.head))
  const closing: Closing = {
    v: 1,
    purpose: 'close',
    run: state.run,
    head: { size: head?.size ?? 0, sha256: head?.sha256 ?? '' },
    planSha256: state.planSha256,
    by: by.id,
    ts: new Date().toISOString(),
    nonce: randomUUID(),
  }
  const text = documentText(closing)
  const signer = decisionSignerFor(config, io)
  const signature = signer?.sign(namespaces.approval, text)
  const problem =
    signature === undefined
      ? check && 'it is UNSIGNED, and the signers of this place are known'
      : check?.({
          principal: by.id,
          namespace: namespaces.approval,
          message: text,
          signature,
          at: closing.ts,
        })
  const absence = presenceProblem(
    { by: by.id, of: 'The closing', signature },
    wantedPresence(plan as unknown as Json, events),
  )
  if (problem ?? absence)
    throw new CliError(
      exit.decided,
      `${plan.title} cannot be closed by ${by.id}: ${problem ?? absence}`,
      problem ? keyHint(signer) : securityKeyHint,
    )
  writeWhole(join(folder, evidenceFiles.closing), text)
  if (signature !== undefined) writeWhole(join(folder, evidenceFiles.closingSignature), signature)
  return signature !== undefined
}
