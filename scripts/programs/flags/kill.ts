import { flag, optional, withDefault, defineCommand } from '../../../runner/kit/command.ts'
import type { CommandReport } from '../../../runner/kit/command.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { duration, httpUrl, string } from '../../../runner/kit/types.ts'
import { needed } from '../../../runner/kit/read-values.ts'
import { messageOf } from '../../lib/errors.ts'
import { type ChangeRequest, commit, existing, keepBefore, readBack, told } from './change-flag.ts'
import type { FlagProvider, FlagState, Killed } from './flag-model.ts'
import { CHANGES, keyOf, providerOf, requestOf } from './flag-options.ts'
import { evaluateSample, prove, sampleUsers } from './prove.ts'
import { untilOff } from './probe.ts'

const PROBED_USERS = 200
/** A kill is promised to be seen within a minute. */
const KILL_MS = '60s'
/** One exchange gets a part of the time, so that a kill that was not answered is sent again. */
const TRIES = 3
const LONGEST_MS = 10_000
/** Minimum time for the check after a kill that used all the time, in milliseconds. */
const LEAST_MS = 1000

interface Asked {
  /** Leave flags on that require it. */
  alone: boolean
  probe: string | undefined
  limitMs: number
  /** By the clock of `performance.now`. */
  started: number
}

export const kill = defineCommand({
  name: 'kill',
  summary: 'Turn a flag off for everybody, at once: the change is sent first, and checked afterwards.',
  args: {},
  options: {
    all: flag('Every flag of the environment; with --tag those with the tag.'),
    tag: optional(string('name'), 'With --all: only flags with this tag.'),
    probe: optional(httpUrl, 'Ask the running program too: URL?user=ID answers {"KEY": true}.'),
    alone: flag('Leave flags on that require it. Without it, they go off too.'),
    within: withDefault(duration(), KILL_MS, 'How soon nobody may be on any more; nothing waits for longer.'),
    ...CHANGES,
    key: optional(string('key'), 'The flag, such as ui_new_total.'),
  },
  effect: 'write',
  examples: ['runbook flags kill --key ui_new_total', 'runbook flags kill --all --tag team:web'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { within: limitMs, probe, all, alone } = options
    const asked: Asked = { probe, limitMs, alone, started: performance.now() }
    const provider = providerOf(options, {
      limitMs: Math.min(LONGEST_MS, Math.ceil(limitMs / TRIES)),
      signal: AbortSignal.timeout(limitMs),
    })
    const requestFor = (key: string): ChangeRequest => ({
      ...requestOf({ ...options, key }, dryRun),
      provider,
    })
    if (!all) return await killOne(requestFor(keyOf(needed(options.key, '--key'), provider.id)), asked)
    const meant = await flagsWith(provider, options.environment, options.tag)
    const keys = meant.filter(({ on }) => on).map(({ key }) => key)
    // All at once: none waits for the proof of another.
    const outcomes = await Promise.allSettled(
      keys.map((key) => killOne({ ...requestFor(key), ifVersion: undefined, save: undefined }, asked)),
    )
    return summary(keys, outcomes)
  },
})

function summary(
  keys: readonly string[],
  outcomes: readonly PromiseSettledResult<CommandReport>[],
): CommandReport {
  const failed = outcomes.flatMap((one, index) =>
    one.status === 'rejected' ? [`${keys[index]}: ${messageOf(one.reason)}`] : [],
  )
  if (failed.length > 0)
    throw new CliError(
      exit.failed,
      `${failed.length} of ${keys.length} flags are not known to be off: ${failed.join('; ')}`,
      'Run it again; what is off already stays off.',
    )
  const reports = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  return {
    document: { ok: true, killed: keys, results: reports.map(({ document }) => document) },
    text: `${reports.map(({ text }) => text).join('')}${keys.length} flags killed\n`,
  }
}

// A kill without a match is a mistake: the folder, the environment or the tag is another one than was meant.
async function flagsWith(
  provider: FlagProvider,
  environment: string,
  tag: string | undefined,
): Promise<FlagState[]> {
  const all = await provider.list(environment)
  const tagged = all.filter(({ meta }) => tag === undefined || meta.tags.includes(tag))
  if (tagged.length > 0) return tagged
  const tags = [...new Set(all.flatMap(({ meta }) => meta.tags))]
  throw new CliError(
    exit.failed,
    `${tag === undefined ? `There are no flags in ${environment}.` : `No flag has the tag ${tag}.`}: ${provider.where(environment)} was read${tags.length === 0 ? '' : `; its tags are ${tags.join(', ')}`}`,
    'Nothing was turned off. Check --dir, --environment and --tag.',
  )
}

async function killOne(request: ChangeRequest, asked: Asked): Promise<CommandReport> {
  if (request.dryRun) {
    const before = await existing(request)
    return told('$', before, { ...before, percentage: 0 }, undefined)
  }
  const { provider, key, environment, comment, ifVersion, save } = request
  const killed = await provider.kill({
    key,
    environment,
    comment,
    ifVersion,
    keepBefore: save !== undefined,
    alone: asked.alone,
  })
  try {
    return await proved(request, killed, asked)
  } catch (error) {
    throw new CliError(
      exit.failed,
      `The kill of ${key} was accepted, and is not proved: ${messageOf(error)}`,
      'Look with `runbook flags show`. A program that still gives it to users does not read its flags: restart it, or roll the release back.',
    )
  }
}

async function proved(
  request: ChangeRequest,
  { before, wasOn, also }: Killed,
  { probe, started, limitMs }: Asked,
): Promise<CommandReport> {
  const { provider, key, environment, save } = request
  if (save !== undefined && before !== undefined) await keepBefore(save, before, 0, also)
  if (save !== undefined && before === undefined)
    process.stderr.write(`not saved: the state of ${key} before the kill is unknown\n`)
  const after = await readBack(request, 0)
  const sample = await evaluateSample(provider, key, environment)
  const proof = prove(wasOn?.(sampleUsers()) ?? sample, sample, 0)
  for (const other of also) {
    await readBack({ ...request, key: other.key }, 0)
    const those = await evaluateSample(provider, other.key, environment)
    prove(those, those, 0)
  }
  const note = request.commit ? await commit(request, after) : ''
  const ms = Math.round(performance.now() - started)
  const outcome = told('+', before, after, proof, { ms, note, also: also.map((other) => other.key) })
  if (probe === undefined) return outcome
  const users = probedUsers(wasOn)
  const left = Math.max(LEAST_MS, limitMs - (performance.now() - started))
  const seenAfter = await untilOff(probe, key, users, started, left)
  if (seenAfter === undefined)
    throw new Error(
      `it is off where it is stored, but the program at ${probe} gave it to users for ${Math.round(left)} ms`,
    )
  return {
    document: { ...outcome.document, seenOffAfterMs: seenAfter },
    text: `${outcome.text}  seen     off for ${users.length} users${wasOn === undefined ? '' : ' who were on'}, after ${seenAfter} ms\n`,
  }
}

/** Users who had the feature, or any where that is unknown. */
function probedUsers(wasOn: Killed['wasOn']): string[] {
  const users = sampleUsers()
  const on = wasOn?.(users)
  return users
    .filter((_, index) => on === undefined || on[index])
    .slice(0, PROBED_USERS)
    .map(({ targetingKey }) => targetingKey)
}
