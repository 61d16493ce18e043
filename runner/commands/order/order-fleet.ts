import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import { sayUndeclared, undeclared } from '../../check/check-approvers.ts'
import { inputNamed } from '../../engine/plan/read-inputs.ts'
import { newRunId } from '../../engine/run-id.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { counted } from '../../model/counted.ts'
import { ProblemError, isProblemError, orThrow } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Runbook } from '../../model/runbook.ts'
import { failuresOf, readAmount, readWaves, waveSizes } from '../../model/values/waves.ts'
import { makeFleet, mostTargets, signFleet, waveOf } from '../../team/fleet/fleet.ts'
import type { Fleet, FleetTarget, TeamPort } from '../../team/port.ts'
import { Away } from '../../team/refusals.ts'
import { planFor } from '../shared/plan/plan-for.ts'
import { digestsOfIncludes } from '../runner/ordered-plan.ts'
import { fleetDocument, fleetLine, findFleet, judgeOf } from '../shared/team/fleets.ts'
import { identify } from '../shared/people/identify.ts'
import { peopleList } from '../shared/people/people-list.ts'
import { refuseToStart, refuseWithin } from '../shared/people/plan-people.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { openRunbook } from '../shared/workspace.ts'
import type { Request } from './index.ts'
import { withoutSecrets } from './order-for.ts'
import { neededSigner, timeOf } from './order-parts.ts'
import { readTargets } from './targets.ts'
import type { ListedTarget } from './targets.ts'

/** Time between two looks at how it stands, in milliseconds. */
const lookMs = 1000
/** Names of targets in one line of a dry run. */
const mostNames = 8

/** Signs one order over many targets and leaves it with the team. */
export async function orderFleet(call: Request, listed: string, config: Config): Promise<number> {
  const { io, dryRun, options } = call
  const fleet = await fleetOf(call, listed, config)
  if (dryRun) {
    if (io.json) io.out(JSON.stringify(fleet, undefined, 2))
    else for (const line of planLines(fleet)) io.out(printable(line))
    return exit.done
  }
  const signed = signFleet(fleet, neededSigner(config, io))
  const port = await openTeamOf(config)
  try {
    await port.enqueueFleet(signed)
    const { fleet: id, slug, targets, waves } = fleet
    if (io.json) io.out(JSON.stringify({ fleet: id, slug, targets: targets.length, waves }))
    else io.out(`ordered ${id}: ${counted(targets.length, 'target')} in ${counted(waves.length, 'wave')}`)
    return options.wait ? await end(port, id, config, io) : exit.done
  } finally {
    await port.close()
  }
}

async function fleetOf({ io, args, options }: Request, text: string, config: Config): Promise<Fleet> {
  const { runbook: name } = args
  if (name === undefined || options.alert !== undefined)
    throw new CliError(
      exit.usage,
      'An order over targets names its runbook, and is not made from an alert',
      'Write `runbook order <runbook> --targets …`.',
    )
  const { runbook, document } = await openRunbook(config, name, io)
  const nameInput = nameInputOf(runbook, options.as)
  const listed = orThrow(await readTargets(text, nameInput, io.cwd), exit.usage)
  if (listed.length > mostTargets)
    throw new CliError(
      exit.usage,
      `There are ${listed.length} targets, and an order has at most ${mostTargets}`,
      'Order them in parts.',
    )
  const waves = asOption('waves', options.waves ?? '1,10%,50%,100%', readWaves)
  const budget = asOption('budget', options.budget ?? '1', readAmount)
  const approvers = await approversOf(options.approvers, config, io)
  const targets = await plannedTargets(listed, runbook, { io, options }, config)
  await refuseWithin(runbook, options.practice, config, io)
  const { actor: by } = await identify(config, io, 'order')
  const now = new Date()
  return makeFleet({
    fleet: `fleet-${newRunId(runbook.slug, now)}`,
    slug: runbook.slug,
    documentSha256: sha256(document),
    includes: await digestsOfIncludes(runbook, config, io),
    wants: options.on ?? '',
    notBefore: timeOf(options.at),
    expires: new Date(now.getTime() + options.expires).toISOString(),
    by,
    from: options.from ?? '',
    practice: options.practice,
    targets,
    waves: orThrow(waveSizes(waves, targets.length), exit.usage),
    budget: failuresOf(budget, targets.length),
    parallel: options.parallel ?? 0,
    pause: options.pause ?? 0,
    approvers,
  })
}

function asOption<T>(name: string, text: string, read: (text: string) => Outcome<T>): T {
  const outcome = read(text)
  if (outcome.ok) return outcome.value
  throw new CliError(exit.usage, `Unexpected \`--${name} ${text}\``, `Write ${outcome.problem.message}.`)
}

/** The input that gets the name of each target. */
function nameInputOf({ slug, meta }: Runbook, as: string | undefined): string {
  const specs = meta.inputs ?? {}
  const input = inputNamed(specs, as ?? 'target')
  if (input !== undefined && specs[input]?.type !== 'secret') return input
  const others = Object.keys(specs).filter((name) => specs[name]?.type !== 'secret')
  throw new CliError(
    exit.usage,
    `${slug} has no input \`${as ?? 'target'}\` that can have the name of a target`,
    others.length > 0 ? `Name it with --as: one of ${others.join(', ')}.` : 'Declare one in its frontmatter.',
  )
}

async function approversOf(text: string | undefined, config: Config, io: Io): Promise<string[]> {
  if (text === undefined) return []
  const list = await peopleList(config, io)
  const [unknown] = undeclared(text, list)
  if (unknown !== undefined) {
    const [message, { hint }] = sayUndeclared(unknown, list)
    throw new CliError(exit.usage, `${message}; nothing was ordered`, hint)
  }
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

/** Each target with the key and the inputs that its run will have: a mistake in one prevents all. */
async function plannedTargets(
  listed: readonly ListedTarget[],
  runbook: Runbook,
  { io, options }: Pick<Request, 'io' | 'options'>,
  config: Config,
): Promise<FleetTarget[]> {
  const specs = runbook.meta.inputs ?? {}
  const common = new Set(options.input.map((flag) => inputNamed(specs, flag.split('=', 1)[0] ?? '')))
  const quiet = withoutSecrets(runbook, { ...io, interactive: false })
  const ids = new Set<string>()
  const targets: FleetTarget[] = []
  for (const { name, inputs, place } of listed) {
    for (const input of Object.keys(inputs)) {
      const spec = inputNamed(specs, input)
      if (common.has(spec) && spec !== undefined)
        throw refusal(name, place, `\`${input}\` is given for all targets too`, `Leave out -i ${input}=….`)
      if (specs[spec ?? '']?.type === 'secret')
        throw refusal(
          name,
          place,
          `\`${input}\` is a secret`,
          'No order has one: set it in the environment of the runners.',
        )
    }
    try {
      const { plan } = await planFor(config, runbook, options.input, quiet, inputs)
      await refuseToStart(plan, options.practice, config, io)
      targets.push({ name, run: newId(plan.slug, ids), key: plan.concurrency, inputs: plan.inputs })
    } catch (error) {
      if (!isProblemError(error)) throw error
      throw refusal(name, place, error.problem.message, error.problem.hint ?? '')
    }
  }
  return targets
}

function refusal(name: string, place: ListedTarget['place'], message: string, hint: string): ProblemError {
  const problem = { message: `Target \`${name}\`: ${message}`, hint }
  return new ProblemError(place === undefined ? problem : { ...problem, place }, exit.usage)
}

/** Runs of one moment are told apart by four letters, which may fall together among many. */
function newId(slug: string, ids: Set<string>): string {
  const id = newRunId(slug, new Date())
  if (ids.has(id)) return newId(slug, ids)
  ids.add(id)
  return id
}

function planLines(fleet: Fleet): string[] {
  const { slug, targets, waves, budget, parallel, pause, approvers } = fleet
  const names = (wave: number): string => {
    const all = targets.filter((_, at) => waveOf(fleet, at + 1) === wave).map(({ name }) => name)
    const more = all.length > mostNames ? ` and ${all.length - mostNames} more` : ''
    return all.slice(0, mostNames).join(', ') + more
  }
  return [
    `would order ${slug} on ${counted(targets.length, 'target')} in ${counted(waves.length, 'wave')}`,
    ...waves.map((size, at) => `  wave ${at + 1}: ${counted(size, 'target')}: ${names(at + 1)}`),
    `  nothing new starts once ${budget} failed`,
    ...(parallel > 0 ? [`  at most ${counted(parallel, 'run')} at once`] : []),
    ...(pause > 0 ? [`  ${pause / 1000} s between two waves`] : []),
    ...(approvers.length > 0 ? [`  one of ${approvers.join(', ')} approves each wave after the first`] : []),
  ]
}

/** Waits until each run has ended or nothing new starts, and tells each change. */
async function end(port: TeamPort, id: string, config: Config, io: Io): Promise<number> {
  const judge = await judgeOf(config, io)
  for (let told = ''; ;) {
    const read = await findFleet(port, id, judge).catch((error: unknown) => {
      if (error instanceof Away) return undefined
      throw error
    })
    const words = read ? fleetLine(read) : told
    if (words !== told && !io.json) io.note(printable(words))
    told = words
    const { state, running = 0, targets, done } = read?.standing ?? {}
    if (
      state === 'ended' ||
      (running === 0 && (state === 'stopped' || state === 'undone' || state === 'expired'))
    ) {
      if (read && io.json) io.out(JSON.stringify(fleetDocument(read)))
      return done === targets ? exit.done : exit.failed
    }
    await sleep(lookMs)
  }
}
