import { gzipSync } from 'node:zlib'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { requestJson } from '../lib/ask-json.ts'
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
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'x-github-api-version': '2022-11-28',
  }
  const { status, body: answer } = await requestJson(method, url, { body, headers, limitMs: LIMIT_MS })
  if (status === wanted) return answer
  const { message } = answer
  throw new CliError(
    exit.failed,
    `${method} ${url} was answered with ${status}${typeof message === 'string' ? `: ${message}` : ''}`,
    'The token needs the right security_events, and code scanning must be on.',
  )
}
