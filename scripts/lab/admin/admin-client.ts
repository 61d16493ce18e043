import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { requestJson } from '../../lib/ask-json.ts'
import { httpUrl } from '../../../runner/kit/types.ts'
import { readAs } from '../../../runner/kit/read-values.ts'
import { messageOf } from '../../lib/errors.ts'
import { type LabState, readSaved } from '../state.ts'

/** Where the admin API listens unless told otherwise. */
export const DEFAULT_ADMIN = 'http://127.0.0.1:47101'

/** The admin address from `--lab`, else from the environment variable LAB_URL, else the default. @throws {CliError} usage */
export function adminUrl(flag: string | undefined): string {
  if (flag !== undefined) return flag
  const fromEnvironment = process.env['LAB_URL']
  return fromEnvironment === undefined || fromEnvironment === ''
    ? DEFAULT_ADMIN
    : readAs(httpUrl, fromEnvironment, 'LAB_URL')
}

/**
 * Asks the admin API and returns its answer.
 * @throws {CliError} when it does not answer, or refuses: with its own reason and remedy
 */
export async function askLab(
  admin: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const answer = await requestJson(method, admin + path, { body }).catch((error: unknown) => {
    throw new CliError(
      exit.failed,
      `The lab does not answer: ${messageOf(error)}`,
      'Start it with: runbook lab, or give its admin address with --lab or LAB_URL.',
    )
  })
  if (answer.status < 300) return answer.body
  const { error, remedy } = answer.body
  throw new CliError(
    exit.failed,
    `The lab refused ${method} ${path}: ${text(error) || `It answered ${answer.status}.`}`,
    text(remedy) || 'Look at the output of the lab.',
  )
}

/** The whole state of the lab. @throws {CliError} */
export async function labState(admin: string): Promise<LabState> {
  const state = await askLab(admin, 'GET', '/state')
  if (typeof state['traffic'] === 'object' && typeof state['colors'] === 'object')
    return state as unknown as LabState
  throw new CliError(
    exit.failed,
    `${admin} is not the admin address of a lab: GET /state did not answer with traffic and colors`,
    'Give the admin address with --lab: the lab prints it when it starts.',
  )
}

/** The lab that runs in a folder; undefined when none does. */
export async function runningLab(dir: string): Promise<LabState | undefined> {
  const saved = await readSaved(dir)
  if (saved === undefined || saved.pid === null) return undefined
  const state = await labState(saved.adminUrl).catch(() => undefined)
  return state?.pid === saved.pid ? state : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
