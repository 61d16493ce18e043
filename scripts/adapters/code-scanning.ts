import { gzipSync } from 'node:zlib'
import { fetchByProxy } from '../../runner/engine/process/http-proxies.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { quoteWhole } from '../../runner/model/quote.ts'
import { messageOf } from '../lib/errors.ts'
import { waitFor } from '../lib/wait.ts'

/** Where findings are shown: a repository at a host that speaks the API of GitHub. */
export interface CodeScanning {
  /** Address of the API, without a slash at its end. */
  api: string
  token: string
  /** `owner/name`. */
  repository: string
}

const LIMIT_MS = 60_000
/** The host refuses more, compressed. */
const MAX_BYTES = 10 * 1024 * 1024

/** Uploads a report, and waits until the host has read it. @returns its id there @throws {CliError} */
export async function uploadSarif(
  host: CodeScanning,
  report: { sarif: string; commit: string; ref: string },
  waitMs: number,
): Promise<string> {
  const packed = gzipSync(report.sarif)
  if (packed.length > MAX_BYTES)
    throw new CliError(
      exit.failed,
      `The report has ${packed.length} bytes compressed, and code scanning takes at most ${MAX_BYTES}`,
      'Scan less at once.',
    )
  const body = { commit_sha: report.commit, ref: report.ref, sarif: packed.toString('base64') }
  const { id } = await ask(host, 'POST', '', 202, body)
  if (typeof id !== 'string')
    throw new CliError(exit.failed, 'Code scanning gave the report no id', 'Check the address of the API.')
  const state = await waitFor(
    async () => {
      const answer = await ask(host, 'GET', `/${encodeURIComponent(id)}`, 200)
      return answer['processing_status'] === 'pending' ? undefined : answer
    },
    waitMs,
    1000,
  )
  if (state?.['processing_status'] === 'complete') return id
  const errors = Array.isArray(state?.['errors']) ? state['errors'].map(String).join('; ') : ''
  throw new CliError(
    exit.failed,
    state === undefined
      ? `Code scanning has not read the report ${id} within ${waitMs / 1000} s`
      : `Code scanning refused the report ${id}${errors === '' ? '' : `: ${errors}`}`,
    'Look at the page of the repository; the same report can be uploaded again.',
  )
}

async function ask(
  { api, token, repository }: CodeScanning,
  method: string,
  path: string,
  wanted: number,
  body?: object,
): Promise<Record<string, unknown>> {
  const url = `${api}/repos/${repository}/code-scanning/sarifs${path}`
  let status: number
  let text: string
  try {
    const response = await fetchByProxy(url, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(LIMIT_MS),
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-github-api-version': '2022-11-28',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    status = response.status
    text = await response.text()
  } catch (error) {
    throw new CliError(
      exit.failed,
      `${method} ${url} got no answer: ${messageOf(error)}`,
      'Check the address.',
    )
  }
  const answer = objectIn(text)
  if (status === wanted && answer !== undefined) return answer
  const said = answer?.['message']
  throw new CliError(
    exit.failed,
    `${method} ${url} was answered with ${status}${typeof said === 'string' ? `: ${said}` : `: ${quoteWhole(text, 80)}`}`,
    'The token needs the right security_events, and code scanning must be on.',
  )
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
