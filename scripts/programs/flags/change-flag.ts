import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { writeAtomically } from '../../lib/atomic.ts'
import type { CommandReport } from '../../../runner/kit/command.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { messageOf } from '../../lib/errors.ts'
import { git } from '../../lib/git.ts'
import { isRecord } from '../../../runner/model/values/json.ts'
import { noFlag } from './flagd.ts'
import type { Change, Check, FlagProvider, FlagState } from './flag-model.ts'
import { type Proof, evaluateSample, proofText, prove, sampleUsers } from './prove.ts'

/** One change of one flag, and how it is proved. */
export interface ChangeRequest {
  provider: FlagProvider
  key: string
  environment: string
  ifVersion: string | undefined
  dryRun: boolean
  /** Keep the state from before in this file. */
  save: string | undefined
  /** Commit the flag file to git. */
  commit: boolean
  comment: string
  /** The rules of the change. */
  check: Check
}

/** The flag as it is. @throws {CliError} when there is none */
export async function existing({
  provider,
  key,
  environment,
}: Pick<ChangeRequest, 'provider' | 'key' | 'environment'>): Promise<FlagState> {
  const state = await provider.get(key, environment)
  if (state !== undefined && !state.archived) return state
  const keys = (await provider.list(environment)).map((flag) => flag.key)
  throw noFlag(key, environment, provider.where(environment), keys)
}

/** Changes a flag if it still is what the change was decided on, reads it back, and proves it by evaluation. */
export async function changeFlag(
  request: ChangeRequest,
  percentage: number,
  apply: (change: Change, before: FlagState) => Promise<void>,
): Promise<CommandReport> {
  const { provider, key, environment, dryRun, comment } = request
  const started = performance.now()
  const before = await existing(request)
  const { check } = request
  const change: Change = { key, environment, comment, check, ifVersion: request.ifVersion ?? before.version }
  // Before anything is written: a refusal leaves no state to restore. The provider asks once more, under its lock.
  check(before, await othersOf(request, before))
  if (request.save !== undefined && !dryRun) await keepBefore(request.save, before, percentage)
  if (dryRun) return told('$', before, { ...before, percentage }, undefined)
  const sampleBefore = await evaluateSample(provider, key, environment)
  await apply(change, before)
  const after = await readBack(request, percentage)
  const proof = prove(
    sampleBefore,
    await evaluateSample(provider, key, environment),
    percentage,
    countNamed(after),
  )
  const note = request.commit ? await commit(request, after) : ''
  return told('+', before, after, proof, { ms: Math.round(performance.now() - started), note })
}

/** The flags that rules look at: all of them where one may require another. */
async function othersOf(
  { provider, environment }: Pick<ChangeRequest, 'provider' | 'environment'>,
  flag: FlagState,
): Promise<readonly FlagState[]> {
  return provider.capabilities.metadata ? await provider.list(environment) : [flag]
}

export async function readBack(
  request: Pick<ChangeRequest, 'provider' | 'key' | 'environment'>,
  percentage: number,
): Promise<FlagState> {
  const after = await existing(request)
  if (Object.is(after.percentage, percentage)) return after
  throw new CliError(
    exit.failed,
    `${request.key} is not what was set: set ${percentage} %, read back ${after.percentage} %`,
    'Somebody else may be changing it: look with `runbook flags show`.',
  )
}

/** How many users of the sample are on whatever the percentage. */
function countNamed({ named: { users } }: FlagState): number {
  const sample = new Set(sampleUsers().map(({ targetingKey }) => targetingKey))
  return users.filter((user) => sample.has(user)).length
}

// Tried again after a crash, the flag may be the wanted one already: the file then still has what was before the first try.
export async function keepBefore(
  file: string,
  before: FlagState,
  percentage: number,
  also?: readonly FlagState[],
): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => '')
  if (present !== '' && before.percentage === percentage) return
  const kept = also === undefined ? before : { ...before, killedWith: also }
  await writeAtomically(file, `${JSON.stringify(kept, null, 2)}\n`)
}

/** A state that `--save` kept. */
export interface KeptState extends FlagState {
  /** The flags that were killed with it; undefined for a state from before another change. */
  killedWith?: readonly FlagState[]
}

/** Reads a state that `--save` kept. @throws {CliError} */
export async function loadState(file: string, key: string): Promise<KeptState> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (isRecord(value) && value['key'] === key && typeof value['percentage'] === 'number')
      return value as unknown as KeptState
    throw new TypeError(`It holds no state of ${key}`)
  } catch (error) {
    throw new CliError(
      exit.failed,
      `${file} cannot be used: ${messageOf(error)}`,
      'Give the file that --save wrote.',
    )
  }
}

/** Commits the flag file alone. The change itself has been proved, so a commit that fails is told and fails nothing. */
export async function commit(
  {
    provider,
    key,
    environment,
    comment,
  }: Pick<ChangeRequest, 'provider' | 'key' | 'environment' | 'comment'>,
  after?: FlagState,
): Promise<string> {
  const file = resolve(provider.where(environment))
  const run = process.env['RUNBOOK_RUN_ID']
  const what = after === undefined ? 'changed' : `${after.percentage} %`
  const message = `flag ${key}: ${what} in ${environment}\n\n${comment}${run === undefined ? '' : `\n\nRun: ${run}`}`
  const folder = dirname(file)
  try {
    await git(folder, ['add', '--', basename(file)])
    await git(folder, ['commit', '--quiet', '--no-verify', '-m', message, '--', basename(file)])
    return `committed ${await git(folder, ['rev-parse', '--short', 'HEAD'])}`
  } catch (error) {
    return `not committed: ${messageOf(error)}`
  }
}

export function told(
  mark: '+' | '=' | '$',
  before: FlagState | undefined,
  after: FlagState,
  proof: Proof | undefined,
  more: { ms: number; note: string; also?: readonly string[] } = { ms: 0, note: '' },
): CommandReport {
  const word = { '+': 'now     ', '=': 'already ', $: 'would be' }[mark]
  const lines = [
    `  ${after.key} in ${after.environment}`,
    `  before   ${before === undefined ? 'unknown' : `${before.percentage} %`}`,
    `${mark} ${word} ${after.percentage} %`,
    ...(proof === undefined ? [] : [`  proved   ${proofText(proof)}, ${more.ms} ms`]),
    ...(more.also ?? []).map((key) => `  also     ${key} is off: it requires ${after.key}`),
    ...(more.note === '' ? [] : [`  ${more.note}`]),
  ]
  return {
    document: { ok: true, changed: mark === '+', before, after, proof, ...more },
    text: `${lines.join('\n')}\n`,
  }
}
