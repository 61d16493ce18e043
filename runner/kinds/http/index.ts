import { z } from 'zod'
import { defineKind, fence, result } from '../kind.ts'
import { parseRequest } from './request.ts'
import { evaluateCel } from '../../model/cel.ts'
import { commonParams, expression } from '../../model/common-params.ts'
import { diagnostic } from '../../model/diagnostic.ts'
import { fillHttp } from '../../model/encode.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Step } from '../../model/runbook.ts'
import { formatDuration } from '../../model/duration.ts'
import { asText } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'

const statusPattern = /^\d{3}(-\d{3})?(,\s*\d{3}(-\d{3})?)*$/

const params = z.object({
  status: z
    .union([z.string().regex(statusPattern, 'Expected codes such as `200` or `200-299, 304`'), z.int()])
    .default('200-299')
    .describe('The response codes that pass, such as `200` or `200-299, 304`. Default: 200-299.'),
  expect: expression
    .optional()
    .describe('A CEL expression over status, headers, text, json and duration (ms) that must be true.'),
  timeout: commonParams.shape.timeout.prefault('30s'),
})

export const http = defineKind({
  name: 'http',
  summary: 'Sends a request and asserts its response.',
  params,
  body: { fences: [{ role: 'main', languages: ['http'], required: true }] },
  inspect: requestProblems,
  effect: (_, step) => (/^\s*(GET|HEAD)\s/.test(fence(step, 'main')?.code ?? '') ? 'read' : 'write'),
  async run({ status, expect, timeout }, context) {
    const request = parseRequest(fence(context.step, 'main')?.code ?? '')
    if (typeof request === 'string') return result('failed', request)
    const response = await context.http({ ...request, timeoutMs: timeout })
    if ('unknown' in response) return result('unknown', asText(response.unknown))
    if ('error' in response) return result('failed', asText(response.error))
    const data = {
      response: { status: response.status, ms: response.ms, text: response.text.slice(0, 4000) },
    }
    const summary = `${response.status} in ${formatDuration(response.ms)}`
    if (!matches(response.status, String(status)))
      return result('failed', `answered ${summary}, expected ${status}`, { data })
    if (expect === undefined) return result('passed', `answered ${summary}`, { data })
    const values: JsonObject = { ...response, json: parseJson(response.text), duration: response.ms }
    try {
      const held = evaluateCel(expect, values) === true
      return result(
        held ? 'passed' : 'failed',
        `answered ${summary}, \`${expect}\` ${held ? 'holds' : 'does not hold'}`,
        { data },
      )
    } catch (error) {
      return result(
        'failed',
        `answered ${summary}, \`${expect}\` has no value: ${(error as Error).message.split('\n')[0]}`,
        { data },
      )
    }
  },
  view({ status, expect }, step, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    return [
      { type: 'code', lang: 'http', code: fence(step, 'main')?.code ?? '' },
      {
        type: 'field',
        name: 'passes with',
        value: expect === undefined ? String(status) : `${status} and ${expect}`,
      },
    ]
  },
})

function matches(code: number, ranges: string): boolean {
  return ranges.split(',').some((range) => {
    const [from, to] = range.trim().split('-').map(Number)
    return code >= (from ?? 0) && code <= (to ?? from ?? 0)
  })
}

function parseJson(text: string) {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return null
  }
}

/** Templates stand for values that are not known yet; any value leads to the same shape of request. */
function requestProblems(step: Step): Diagnostic[] {
  const written = fence(step, 'main')
  if (!written) return []
  const code = fillHttp(written.code, ({ offset }) =>
    /^\S+\s+$/.test(written.code.slice(0, offset)) ? 'https://example.com' : 'x',
  )
  const request = parseRequest(code)
  if (typeof request !== 'string') return []
  return [
    diagnostic('invalid-request', written.place, request, {
      hint: 'Write `METHOD address`, then header lines, an empty line, and the body.',
    }),
  ]
}
