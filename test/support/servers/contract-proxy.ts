import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

/** The part of an OpenAPI 3.0 document that is looked at. */
export interface Description {
  paths: Record<string, Record<string, Operation | undefined>>
  components?: { schemas?: Record<string, Schema> }
}

interface Operation {
  parameters?: { in: string; name: string }[]
  requestBody?: { content: Record<string, { schema: Schema } | undefined> }
  responses: Record<string, { content?: Record<string, { schema: Schema } | undefined> } | undefined>
}

/** A JSON Schema as OpenAPI 3.0 writes it. */
export type Schema = Record<string, unknown>

export interface ContractProxy {
  url: string
  /** What a request or an answer had that the description does not allow, in the order in which it came. */
  violations: string[]
  close(): void
}

const JSON_TYPE = 'application/json'
const NAME = /^#\/components\/schemas\/(.+)$/
const TYPES = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean'])

/**
 * A server on loopback in front of another one that holds every request and every answer against a description. A
 * request that it does not allow is answered with 422 and goes no further; an answer is passed on either way.
 * @param base what the description leaves out before its paths, such as `/v1`
 * @param limits statuses that any operation may answer, such as 429
 */
export async function contractProxy(
  { paths, components: { schemas = {} } = {} }: Description,
  upstream: string,
  base: string,
  limits: readonly number[],
): Promise<ContractProxy> {
  const violations: string[] = []

  function operationOf(method: string, path: string): Operation | undefined {
    const words = path.split('/')
    const match = Object.entries(paths).find(([template]) => {
      const parts = template.split('/')
      const same = (part: string, at: number): boolean => /^\{.+\}$/.test(part) || part === words[at]
      return parts.length === words.length && parts.every(same)
    })
    return match?.[1][method.toLowerCase()]
  }

  function wrongIn(schema: Schema | undefined, text: string): string | undefined {
    if (schema === undefined) return text === '' ? undefined : 'there is a body, and none is described'
    const value: unknown = text === '' ? undefined : JSON.parse(text)
    const read = z.fromJSONSchema(plain(schema, schemas)).safeParse(value)
    return read.success ? undefined : z.prettifyError(read.error)
  }

  function wrongRequest(operation: Operation | undefined, url: URL, text: string): string | undefined {
    if (operation === undefined) return 'no such operation is described'
    const described = new Set(
      operation.parameters?.filter((one) => one.in === 'query').map(({ name }) => name),
    )
    const stray = [...url.searchParams.keys()].find((name) => !described.has(name))
    if (stray !== undefined) return `the parameter ${stray} is not described`
    return wrongIn(operation.requestBody?.content[JSON_TYPE]?.schema, text)
  }

  function wrongAnswer({ responses }: Operation, status: number, text: string): string | undefined {
    if (limits.includes(status)) return undefined
    const response = responses[status]
    if (response === undefined) return `the status ${status} is not described`
    return status < 300 ? wrongIn(response.content?.[JSON_TYPE]?.schema, text) : undefined
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request
    const url = new URL(request.url ?? '', upstream)
    const what = `${method} ${url.pathname}`
    const text = await textOf(request)
    const operation = operationOf(method, url.pathname.slice(base.length))
    const wrong = wrongRequest(operation, url, text)
    if (operation === undefined || wrong !== undefined) {
      violations.push(`${what}: ${wrong}`)
      response.writeHead(422, { 'content-type': JSON_TYPE }).end(JSON.stringify({ error: [wrong] }))
      return
    }
    const passed = { authorization: headers.authorization ?? '', 'content-type': JSON_TYPE }
    const answer = await fetch(url, { method, headers: passed, ...(text !== '' && { body: text }) })
    const body = await answer.text()
    const off = wrongAnswer(operation, answer.status, body)
    if (off !== undefined) violations.push(`the answer to ${what}: ${off}`)
    const retryAfter = answer.headers.get('retry-after')
    response.writeHead(answer.status, {
      'content-type': JSON_TYPE,
      ...(retryAfter !== null && { 'retry-after': retryAfter }),
    })
    response.end(body)
  }

  const server = createServer((request, response) => {
    // The other one broke its connection: so does this one.
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    violations,
    close: () => server.close().closeAllConnections(),
  }
}

/** A schema of OpenAPI as plain JSON Schema, its references resolved; a type that there is not allows anything. */
function plain(schema: Schema, named: Record<string, Schema>, above: readonly string[] = []): Schema {
  const name = typeof schema['$ref'] === 'string' ? NAME.exec(schema['$ref'])?.[1] : undefined
  if (name !== undefined) return above.includes(name) ? {} : plain(named[name] ?? {}, named, [...above, name])
  if (typeof schema['type'] === 'string' && !TYPES.has(schema['type'])) return {}
  const nested = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? plain(value as Schema, named, above)
      : value
  const { properties, items, additionalProperties, nullable, example: _, default: __, ...rest } = schema
  const made = {
    ...rest,
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties as Schema).map(([key, value]) => [key, nested(value)]),
      ),
    }),
    ...(items !== undefined && { items: nested(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: nested(additionalProperties) }),
  }
  return nullable === true ? { anyOf: [made, { type: 'null' }] } : made
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
