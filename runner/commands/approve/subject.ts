import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { mayStillDecide, openApprovals } from '../../engine/people/approval.ts'
import { posted } from '../../engine/people/inbox.ts'
import { judgeRequest, readRequest, unpackRequest } from '../../engine/people/request-file.ts'
import { makeVerify } from '../../engine/verify-run.ts'
import { wantedPresence } from '../../journal/verify/rules/presence.ts'
import { listRuns, readRun } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { findEntry } from '../../library.ts'
import { strongest } from '../../model/people/presence-level.ts'
import { samePerson } from '../../model/people/person.ts'
import { orThrow } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Json } from '../../model/values/json.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { namedFile } from '../../kit/named-file.ts'
import type { Io } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import { scratchFolder } from '../../scratch-folder.ts'
import { trustFor } from '../shared/people/keys.ts'
import { peopleList } from '../shared/people/people-list.ts'
import { findRun, shown } from '../shared/workspace.ts'
import { bytesOf } from '../../regular-file.ts'

/** The step that somebody decides on. */
export interface Subject extends StoredRun {
  step: string
  /** Its requests that are open, the first first. */
  topics: string[]
  /** Whether the run is on another machine, and came in a file. */
  isElsewhere: boolean
  [Symbol.dispose](): void
}

/** Finds the run and its step: in this workspace, or in a file of `runbook request`, which it judges. */
export async function subjectOf(
  { run, step }: { run: string; step: string | undefined },
  config: Config,
  io: Io,
): Promise<Subject> {
  if (step === undefined) return fromFile(run, config, io)
  const id = findRun(config, run)
  const stored = readRun(config.state, id)
  const topics = openApprovals(stored.events, step)
  if (topics.length > 0) return { ...stored, step, topics, isElsewhere: false, [Symbol.dispose]() {} }
  const waiting = stored.state.waitingFor?.topic.split('/')[0]
  throw new CliError(
    exit.usage,
    `Step \`${step}\` of ${id} does not wait for an approval`,
    waiting ? `The run waits at \`${waiting}\`.` : `See \`runbook log ${id}\`.`,
  )
}

/** A run that is named without its step is named as if it were a file. */
function notAFile(name: string, config: Config): CliError {
  const runs = listRuns(config.state)
  if (name !== 'last' && !runs.some((run) => run.startsWith(name) || run.endsWith(name)))
    return new CliError(
      exit.usage,
      `There is no file \`${name}\``,
      `Give a run and its step, such as \`runbook approve last go\`, or a file of \`runbook request\`.`,
    )
  const id = findRun(config, name)
  const step = readRun(config.state, id).state.waitingFor?.topic.split('/')[0]
  return new CliError(
    exit.usage,
    `Missing the step of run ${id}`,
    step === undefined
      ? `See \`runbook log ${id}\`.`
      : `The run waits at \`${step}\`: write it after the run.`,
  )
}

async function fromFile(path: string, config: Config, io: Io): Promise<Subject> {
  if (!existsSync(join(io.cwd, path)) && !existsSync(path)) throw notAFile(path, config)
  const request = orThrow(readRequest(namedFile(path, io)), exit.usage)
  const { path: state, [Symbol.dispose]: dispose } = scratchFolder('request')
  try {
    const { step } = request
    const stored = sound(unpackRequest(request, state))
    const asked = await judgeRequest(stored, step, {
      verify: makeVerify(version, config.kinds),
      kinds: await config.kinds.load(),
      trust: trustFor(config),
      env: io.env,
      document: documentPath(config, stored, io),
    })
    const topics = sound(asked).map(({ key }) => key)
    refuseLowered(stored, step, config)
    await sayDifferences(stored, config, io)
    return { ...stored, step, topics, isElsewhere: true, [Symbol.dispose]: dispose }
  } catch (error) {
    dispose()
    throw error
  }
}

/** The value of a judgement of a request. Throws CliError when it is not to be signed. */
function sound<T>(judged: Outcome<T>): T {
  if (judged.ok) return judged.value
  throw new CliError(
    exit.decided,
    `${judged.problem.message}; nothing was signed`,
    'Ask whoever runs it for another request. `git fetch` brings the commit of the run to your clone.',
  )
}

/** The runbook in this clone; where it is not there today, the place it would have. */
function documentPath(config: Config, { plan }: StoredRun, io: Io): string {
  return findEntry(config.content, plan.slug, io.cwd)?.path ?? join(config.content, `${plan.slug}.mdx`)
}

/** The plan has the policy of the machine that runs it; the approver's own clone sets a floor. */
function refuseLowered({ plan, events }: StoredRun, step: string, { presence }: Config): void {
  const wanted = wantedPresence(plan as unknown as Json, events, step)
  if (strongest(wanted, presence) === wanted) return
  throw new CliError(
    exit.decided,
    `The run asks for presence \`${wanted}\` at step \`${step}\`, and your runbook.config.ts for \`${presence}\`; nothing was signed`,
    'Ask whoever runs it to start it from a commit with that configuration.',
  )
}

/** Says where the run's keys and roles are others than those of this clone. It may be at another commit, so each is a note. */
async function sayDifferences({ events, plan }: StoredRun, config: Config, io: Io): Promise<void> {
  const say = (words: string): void => io.say(`${io.style('yellow', '!')} ${words}`)
  const { signersSha256, source } = events[0]?.data ?? {}
  if ((source as { dirty?: boolean } | undefined)?.dirty === true)
    say('Files differed from the commit when the run started. The runbook itself is that of the commit.')
  const trust = trustFor(config)
  if (trust && sha256(bytesOf(trust.signers)) !== signersSha256)
    say(`The run was started under another list of keys than ${shown(trust.signers, io.cwd)}.`)
  const { people } = await peopleList(config, io)
  for (const [role, holders] of Object.entries(plan.people ?? {})) {
    const mine = people?.holders[role] ?? [role]
    const others = holders.filter((one) => !mine.some((id) => samePerson(id, one, people?.aliases)))
    if (others.length > 0) say(`The run gives \`${role}\` to ${others.join(', ')}, and your clone does not.`)
  }
}

/**
 * The request that a person answers. On machines that do not know of each other two people take two, where there are
 * two; here it is the first without a decision.
 */
export function topicFor({ plan, events, topics, isElsewhere, folder }: Subject, by: string): string {
  const [first = ''] = topics
  if (!isElsewhere) return topics.find((topic) => posted(folder, topic).length === 0) ?? first
  const place = mayStillDecide(plan, events, first).findIndex((id) => samePerson(id, by, plan.aliases))
  return topics[Math.max(place, 0) % topics.length] ?? first
}
