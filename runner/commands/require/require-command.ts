import { missingInputs, readInputs } from '../../engine/plan/read-inputs.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { makeVerify } from '../../engine/verify-run.ts'
import { commitNamed } from '../../engine/plan/source-state.ts'
import type { Event } from '../../journal/record/event.ts'
import { sameJson } from '../../journal/verify/evidence.ts'
import { decisions, rolesUnknown } from '../../journal/verify/rules/approvals.ts'
import { humansOf } from '../../journal/verify/rules/presence.ts'
import { readTextWithin, sizeWithin } from '../../journal/record/folder.ts'
import { answers } from '../../engine/people/asked.ts'
import { evidenceFiles, listRuns, readRun } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import type { Config } from '../../config.ts'
import { asText } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Runbook } from '../../model/runbook.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { keeperChecks } from '../shared/evidence/keeper-checks.ts'
import { judgeFor } from '../shared/evidence/judge-evidence.ts'
import { exit } from '../../kit/exit.ts'
import { inputFlags } from '../shared/plan/input-flags.ts'
import type { Io } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import { execCommand } from '../shared/exec-line.ts'
import { openRunbook, openWorkspace } from '../shared/workspace.ts'

interface Wanted {
  slug: string
  inputs: Record<string, string>
  outputs: readonly [string, string][]
  commit: string | undefined
}

/** Exit 0 only if a run of exactly this was completed, approved by a second person, signed, and verifies. */
export async function run({ io, args, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { runbook } = await openRunbook(config, args.runbook, io)
  const inputs = await wantedInputs(runbook, options.input, io)
  const wanted = { slug: runbook.slug, inputs, outputs: options.output, commit: wantedCommit(options, io) }
  const refused: { run: string; why: string }[] = []
  const { unfinished } = options
  for (const id of unfinished === undefined ? listRuns(config.state) : [unfinished]) {
    const why = await shortcoming(config, id, wanted, options, io)
    if (why === undefined) return printRun(id, io)
    if (why !== '') refused.push({ run: id, why })
  }
  if (io.json) io.out(JSON.stringify({ run: null, refused }))
  else for (const { run: id, why } of refused) io.note(`${id}: ${why}`)
  const words = Object.entries(inputs).map(([name, value]) => `${name}=${value}`)
  const what = [
    runbook.slug,
    ...words,
    ...wanted.outputs.map(([name, value]) => `with output ${name}=${value}`),
    ...(wanted.commit === undefined ? [] : [`at commit ${wanted.commit}`]),
  ].join(' ')
  throw new CliError(
    exit.failed,
    `There is no completed, approved and verified run of ${what}`,
    `Run it: \`${execCommand(runbook.slug, inputs, secretsOf(runbook))}\`.`,
  )
}

function printRun(id: string, io: Io): number {
  if (io.json) io.out(JSON.stringify({ run: id, refused: [] }))
  else io.out(id)
  return exit.done
}

function secretsOf({ meta }: Runbook): string[] {
  return Object.entries(meta.inputs ?? {}).flatMap(([name, { type }]) => (type === 'secret' ? [name] : []))
}

async function wantedInputs(
  runbook: Runbook,
  flags: readonly string[],
  io: Io,
): Promise<Record<string, string>> {
  const { values, missing, problems } = await readInputs(runbook, inputFlags(runbook, flags, io))
  if (problems[0]) throw new CliError(exit.usage, problems[0].message, problems[0].hint)
  // A secret is in no journal, so it is nothing a run could be asked for by.
  const open = missingInputs(missing.filter((name) => runbook.meta.inputs?.[name]?.type !== 'secret'))
  if (open) throw new CliError(exit.usage, open.message, open.hint)
  return values
}

function wantedCommit(options: Request['options'], io: Io): string | undefined {
  const name = options.commit
  if (name === undefined) return undefined
  const commit = commitNamed(io.cwd, name, io.env)
  if (commit !== undefined) return commit
  throw new CliError(
    exit.usage,
    `There is no commit \`${name}\` here`,
    'Give one that `git rev-parse` knows.',
  )
}

/** Why a run does not count; empty when it is about something else altogether. */
async function shortcoming(
  config: Config,
  id: string,
  wanted: Wanted,
  options: Request['options'],
  io: Io,
): Promise<string | undefined> {
  const stored = readable(config, id)
  if (!stored || stored.plan.slug !== wanted.slug || !sameJson(stored.plan.inputs, wanted.inputs)) return ''
  const source = stored.events[0]?.data['source'] as JsonObject | undefined
  if (wanted.commit !== undefined && source?.['commit'] !== wanted.commit)
    return 'it was made at another commit'
  if (wanted.commit !== undefined && source?.['dirty'] !== false) return 'files differed from the commit'
  const other = wanted.outputs.find(([name, value]) => stored.state.outputs[name] !== value)
  if (other !== undefined) return outputDiffers(other, stored.state.outputs[other[0]])
  const goesOn = options.unfinished !== undefined && stored.state.status === 'running'
  if (stored.state.status !== 'succeeded' && !goesOn) return `it is ${stored.state.status}`
  if (stored.state.practice) return 'it was a practice'
  const agent = options.noAgentDecided ? agentThatDecided(stored.events) : undefined
  if (agent !== undefined) return `the agent \`${agent}\` made a decision in it`
  if (stored.events.some(isLeftOut)) return 'steps were left out of it'
  if (
    rolesUnknown(decisions(stored.events), {
      events: stored.events,
      plan: stored.plan as unknown as JsonObject,
    })
  )
    return 'its plan does not say who has the roles that approved it'
  if (!isApproved(stored)) return 'no second person approved or closed it'
  const { trust, own } = judgeFor(config, stored.folder, options, io)
  const verification = await makeVerify(version, config.kinds)(stored.folder, checkerOf(trust, io.env))
  const kept = keeperChecks(trust, options, io).find(({ status }) => status === 'failed')
  if (kept) return kept.message
  const bad = verification.checks.find(({ status }) => status === 'failed')
  if (bad) return `it does not verify: ${bad.message}`
  if (!verification.ended && !goesOn) return 'it has not ended, or is not sealed'
  const few = tooFewHumans(stored, options, trust !== undefined)
  if (few !== undefined) return few
  if (options.allowUnsigned || goesOn) return undefined
  if (!verification.signed) return 'it is UNSIGNED'
  return own
    ? undefined
    : 'it is signed by keys that only the list beside it allows, which whoever made it chose: give --allowed-signers'
}

/** Whether fewer people than are asked for were there, by signatures that hold. The gate asks, whatever the plan says. */
function tooFewHumans(
  { events, plan, folder }: StoredRun,
  { humans, presence }: Request['options'],
  judged: boolean,
): string | undefined {
  if (humans === undefined && presence === undefined) return undefined
  const [wanted, level] = [humans ?? 1, presence ?? 'none']
  if (!judged) return 'no list of allowed signers judges its signatures'
  const closing = readTextWithin(folder, evidenceFiles.closing)
  const closingSignature = readTextWithin(folder, evidenceFiles.closingSignature)
  const people = humansOf({ events, plan: plan as unknown as JsonObject, closing, closingSignature }, level)
  if (people.length >= wanted) return undefined
  const who = people.length === 0 ? 'nobody' : `only ${people.join(', ')}`
  return `it needs ${wanted} ${wanted === 1 ? 'person' : 'people'} with presence \`${level}\`, and ${who} signed so`
}

function outputDiffers([name, value]: readonly [string, string], actual: string | undefined): string {
  return actual === undefined
    ? `it has no output ${name}`
    : `its output ${name} is ${actual}, and ${value} was asked for`
}

/** A step left out by somebody's word; one whose effect held already, or whose `when` was false, is not. */
function isLeftOut({ type, data }: Event): boolean {
  return type === 'step-skipped' || (type === 'step-confirmed' && data['answer'] === 'skip')
}

function readable(config: Config, id: string): StoredRun | undefined {
  try {
    return readRun(config.state, id)
  } catch {
    return undefined
  }
}

/** The first agent that made a decision, by the name it gives itself. To let a step run is a decision too. */
function agentThatDecided(events: readonly Event[]): string | undefined {
  const one = events.find(({ type, actor }) => answers.has(type) && typeof actor['client'] === 'string')
  return one && asText(one.actor['client'])
}

function isApproved({ plan, events, folder }: StoredRun): boolean {
  const given = decisions(events).some(({ type }) => type === 'approval-given')
  return (given && !plan.selfApproval) || sizeWithin(folder, evidenceFiles.closing) !== undefined
}
