import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

interface Received {
  path: string
  type: string
  authorization: string
  body: Record<string, unknown>
}

/** A receiver on a port of its own; one that hangs takes requests and never answers. */
async function receiver(hangs = false) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { 'content-type': type = '', authorization = '' } = request.headers
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
      received.push({ path: request.url ?? '', type, authorization, body })
      if (!hangs) response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function told(traces: string, events: string): Workspace {
  const secret = 'inputs:\n  token: { type: secret }\n'
  return workspace({
    'runbook.config.ts': `export default { telemetry: ${JSON.stringify({ traces, events })} }\n`,
    token: 'hunter2hunter2\n',
    'content/runbooks/a.mdx': page(
      commandStep('one', 'echo "$token"') + commandStep('two', 'exit 3'),
      secret,
    ),
  })
}

const call = ['exec', 'a', '--yes', '-i', 'token=@token']

test('a run sends its lifecycle as it happens and its trace at the end, without a secret', async () => {
  using outside = await receiver()
  using space = told(outside.url, `${outside.url}/hook`)
  const env = {
    TOKEN: 'hunter2hunter2',
    RUNBOOK_EVENTS_TOKEN: 't',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=a%20b',
  }
  const { code, stderr } = await space.runbook(call, env)
  expect(code, stderr).toBe(1)
  expect(stderr).not.toContain('telemetry')
  const events = outside.received.filter(({ path }) => path === '/hook')
  expect(events.map(({ body }) => body['type'])).toEqual([
    'runbook.run.started',
    'runbook.step.failed',
    'runbook.run.ended',
  ])
  expect(events[0]).toMatchObject({
    type: 'application/cloudevents+json; charset=utf-8',
    authorization: 'Bearer t',
  })
  const traces = outside.received.filter(({ path }) => path === '/v1/traces')
  expect(traces).toMatchObject([{ type: 'application/json', authorization: 'a b' }])
  expect(JSON.stringify(outside.received)).not.toContain('hunter2')
  const exported = await space.runbook(['export', 'last', '--format', 'otlp'])
  expect(JSON.parse(exported.stdout)).toEqual(traces[0]?.body)
  const sent = await space.runbook(['export', 'last', '--format', 'otlp', '--send', outside.url])
  expect(sent.code, sent.stderr).toBe(0)
  expect(outside.received.at(-1)?.body).toEqual(traces[0]?.body)
})

test('receivers that refuse or never answer change neither the run nor its exit code', async () => {
  using hanging = await receiver(true)
  using space = told('http://127.0.0.1:1', hanging.url)
  const { code, stderr } = await space.runbook(call)
  expect(code, stderr).toBe(1)
  expect(stderr.match(/^telemetry: /gm)).toHaveLength(2)
  expect(stderr).toContain('telemetry: POST http://127.0.0.1:1/v1/traces had no answer')
  // One that did not answer is not asked again.
  expect(hanging.received).toHaveLength(1)
  const refused = await space.runbook(['export', 'last', '--format', 'otlp', '--send', 'http://127.0.0.1:1'])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('error: POST http://127.0.0.1:1/v1/traces had no answer')
})
