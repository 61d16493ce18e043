import { spawnSync } from 'node:child_process'
import { loadConfig } from '../../../runner/config.ts'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { ownProgram } from '../../../runner/kit/own-program.ts'
import { asText } from '../../../runner/model/values/json.ts'
import type { CheckedBy } from './metadata.ts'
import type { ReleaseRequest } from './stages.ts'

/**
 * The run that checked this commit: approved, verified, and with the commit in its output `commit`. It is the run
 * whose step makes the release, as far as it has got; elsewhere it is one that was completed.
 * @throws {CliError} when there is none
 */
export async function requireChecked(request: ReleaseRequest, commit: string): Promise<CheckedBy> {
  const { checklist, allowUnsigned, ownRun } = request
  const own = ownRun === undefined ? undefined : await inputsOf(ownRun, request)
  const given = (own ?? request.inputs).flatMap((input) => ['-i', input])
  const how = own === undefined ? (allowUnsigned ? ['--allow-unsigned'] : []) : ['--unfinished', ownRun ?? '']
  const args = ['require', checklist, ...given, '--output', `commit=${commit}`, ...how]
  const ran = spawnSync(process.execPath, [...ownProgram, ...args], { encoding: 'utf8' })
  const run = ran.stdout.trim()
  if (ran.status === 0 && run !== '')
    return { runbook: checklist, run, unsignedAllowed: allowUnsigned, ended: own === undefined }
  throw new CliError(
    exit.failed,
    `Commit ${commit} was not checked: ${refusalOf(ran.stderr) || `runbook require ended with ${ran.status}`}`,
    `Run \`${checklist}\` for exactly this version and commit to its end, with its approvals.`,
  )
}

/** The inputs of the run whose step this is. @throws {CliError} when the run is of another version */
async function inputsOf(run: string, { version }: ReleaseRequest): Promise<string[]> {
  const { state } = await loadConfig(process.cwd(), process.env)
  const { inputs } = readRun(state, run).plan
  if (inputs['version'] === version)
    return Object.entries(inputs).map(([name, value]) => `${name}=${asText(value)}`)
  throw new CliError(
    exit.failed,
    `The run ${run} is about version ${asText(inputs['version'])}, and its step releases ${version}`,
    'Hand the input `version` on: --version "$version".',
  )
}

/** The failure of `runbook require`, and why each run about this release does not count. */
function refusalOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('  hint:'))
  const error = lines.filter((line) => line.startsWith('error: ')).map((line) => line.slice('error: '.length))
  return [...error, ...lines.filter((line) => !line.startsWith('error: '))].join('; ')
}
