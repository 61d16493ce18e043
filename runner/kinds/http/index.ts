import * as z from 'zod'
import { expression, holds, mapOf, parseJson, unmet } from '../expectation.ts'
import { defineKind, fence, result } from '../kind.ts'
import type { HttpRequest, HttpResponse, Result, StepContext } from '../kind.ts'
import { lookUntil, untilParams } from '../until.ts'
import { isCredential } from './credentials.ts'
import { parseRequest } from './request.ts'
import { commonParams } from '../../model/steps/common-params.ts'
import { diagnostic } from '../../model/diagnostic.ts'
import { fillHttp } from '../../model/values/encode.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Step } from '../../model/runbook.ts'
import { formatDuration } from '../../model/values/duration.ts'
import { success } from '../../model/problem.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { hasTemplate } from '../../model/values/template.ts'

const statusPattern = /^\d{3}(-\d{3})?(,\s*\d{3}(-\d{3})?)*$/

/** The fields of an answer for expressions. */
const answerTypes = {
  status: 'int',
  headers: 'map<string, string>',
  text: 'string',
  json: 'dyn',
  duration: 'int',
}

const params = z.object({
  status: z
    .union([z.string().regex(statusPattern, 'Expected codes such as `200` or `200-299, 304`'), z.int()])
    .default('200-299')
    .describe('The response codes that pass, such as `200` or `200-299, 304`. Default: 200-299.'),
  expect: expression(answerTypes, 'bool')
    .optional()
    .describe('A CEL expression over status, headers, text, json and duration (ms) that must be true.'),
  outputs: z.string().optional().describe('Names of the values that `values` makes, separated by commas.'),
  values: expression(answerTypes, 'map')
    .optional()
    .describe(
      "A CEL expression over the same that makes a map of outputs, such as {'id': json.id, 'etag': headers.etag}.",
    ),
  ...untilParams,
  redirects: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe(
      'Maximum redirects to follow, 0 to 10, for GET and HEAD only, never from https to http, and without credentials to another origin. Default: 0, so that a redirect is an answer like any other.',
    ),
  maxBytes: z
    .int()
    .min(1)
    .max(67_108_864)
    .default(1_048_576)
    .describe('Longest body in bytes, up to 64 MiB; a longer one fails the step. Default: 1048576 (1 MiB).'),
  timeout: commonParams()
    .shape.timeout.prefault('30s')
    .describe('Longest time one attempt may take, redirects included. Default: 30s.'),
})

type Params = z.output<typeof params>

export const http = defineKind({
  name: 'http',
  summary:
    'Sends a request and asserts its response. Certificates are always checked; add your own authority with NODE_EXTRA_CA_CERTS.',
  reference: {
    example: [
      '<Http id="create" title="Open the incident" status="201" outputs="incident_id" values="{\'incident_id\': json.id}">',
      '',
      '```http',
      'POST https://status.example.com/incidents',
      'Content-Type: application/json',
      'Authorization: Bearer ${{ inputs.token }}',
      '',
      '{"name": "${{ inputs.name }}"}',
      '```',
      '',
      '</Http>',
    ].join('\n'),
    notes: [
      'GET and HEAD read; every other method writes. A request is sent at most once for each attempt; without an answer to a write, the outcome is unknown. Headers with credentials are hidden wherever the request is shown, and the headers of the answer are not kept. The answer is read in its charset. Integers in its JSON keep all their digits; fractions have the precision of a double.',
    ],
  },
  params,
  expressions: ['expect', 'values'],
  body: { fences: [{ role: 'main', languages: ['http'], required: true }] },
  inspect: requestProblems,
  effect: (_, step) => (/^\s*(GET|HEAD)\s/.test(fence(step, 'main')?.code ?? '') ? 'read' : 'write'),
  async run(httpParams, context) {
    const request = parseRequest(fence(context.step, 'main')?.code ?? '')
    if (!request.ok) return result('failed', request.problem.message)
    if (httpParams.until !== undefined && context.step.effect === 'write')
      return result('failed', 'cannot be repeated: `until` is for requests that only read')
    return lookUntil(httpParams, context, () => send(request.value, httpParams, context))
  },
  view({ status, expect, until }, step, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    const limit = until === undefined ? '' : `, within ${formatDuration(until)}`
    const passes = expect === undefined ? String(status) : `${status} and ${expect}`
    return [
      { type: 'code', lang: 'http', code: withoutCredentials(fence(step, 'main')?.code ?? '') },
      { type: 'field', name: 'passes with', value: `${passes}${limit}` },
    ]
  },
})

async function send(
  request: Omit<HttpRequest, 'timeoutMs'>,
  { timeout, maxBytes, redirects, ...rest }: Params,
  context: StepContext,
): Promise<Result> {
  const answer = await context.http({ ...request, timeoutMs: timeout, maxBytes, redirects })
  if (answer.ok) return judge(answer.value, { ...rest, maxBytes }, context)
  const { code, message } = answer.problem
  return result(code === 'unknown' ? 'unknown' : 'failed', message)
}

function judge(
  response: HttpResponse,
  { status, expect, values: making, maxBytes }: Pick<Params, 'status' | 'expect' | 'values' | 'maxBytes'>,
  { excerpt }: StepContext,
): Result {
  const { ms, text, cut } = response
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      isCredential(name) ? '[redacted]' : excerpt(value, 500),
    ]),
  )
  const data = { response: { status: response.status, ms, headers, text: excerpt(text, 4000, cut) } }
  const summary = `answered ${response.status} in ${formatDuration(ms)}`
  if (cut) return result('failed', `${summary}, with more than ${maxBytes} bytes`, { data })
  if (!matches(response.status, String(status)))
    return result('failed', `${summary}, expected ${status}`, { data })
  const values = { ...response, json: parseJson(text), duration: ms } satisfies JsonObject
  const held = expect === undefined ? success(true) : holds(expect, values)
  if (!held.ok) return result('failed', `${summary}, ${held.problem.message}`, { data })
  if (!held.value) {
    const why = unmet(expect ?? '', values, (value) => excerpt(value, 80))
    return result('failed', `${summary}, \`${expect}\` does not hold${why}`, { data })
  }
  const outputs = making === undefined ? success({}) : mapOf(making, values)
  if (!outputs.ok) return result('failed', `${summary}, ${outputs.problem.message}`, { data })
  return result('passed', expect === undefined ? summary : `${summary}, \`${expect}\` holds`, {
    data,
    outputs: outputs.value,
  })
}

function matches(code: number, ranges: string): boolean {
  return ranges.split(',').some((range) => {
    const [from, to] = range.trim().split('-').map(Number)
    return code >= (from ?? 0) && code <= (to ?? from ?? 0)
  })
}

/** Credentials are for the server only; a template shows nothing and stays. */
function withoutCredentials(code: string): string {
  return code.replaceAll(/^([\w-]+)(\s*:[ \t]*).+$/gm, (line, name: string, colon: string) =>
    isCredential(name) && !hasTemplate(line) ? `${name}${colon}[redacted]` : line,
  )
}

/** Templates stand for values that are not known yet; any value leads to the same shape of request. */
function requestProblems(step: Step): Diagnostic[] {
  const body = fence(step, 'main')
  if (!body) return []
  const code = fillHttp(body.code, ({ offset }) =>
    /^\S+\s+$/.test(body.code.slice(0, offset)) ? 'https://example.com' : 'x',
  )
  const request = parseRequest(code)
  if (request.ok) return []
  return [
    diagnostic('invalid-request', body.place, request.problem.message, {
      hint: 'Write `METHOD address`, then header lines, an empty line, and the body.',
    }),
  ]
}
