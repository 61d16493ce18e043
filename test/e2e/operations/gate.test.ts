import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Event } from '../../../runner/journal/record/event.ts'
import { readJournal } from '../../../runner/journal/record/read-journal.ts'
import { files, listRuns, runFolder } from '../../../runner/journal/record/run-store.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

let server: Server
let metrics = ''
/** What the page shows: requests so far, errors so far; undefined hangs. */
let counts: (() => [number, number]) | undefined

beforeEach(async () => {
  let requests = 0
  counts = () => [(requests += 100), 0]
  server = createServer((_, response) => {
    const answer = counts?.()
    if (!answer) return
    const [total, bad] = answer
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0')
    response.end(
      `# TYPE requests counter\nrequests_total{color="green",code="200"} ${total}\n${bad > 0 ? `requests_total{color="green",code="500"} ${bad}\n` : ''}# EOF\n`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  metrics = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
})
afterEach(() => {
  server.close()
  ;(server as ReturnType<typeof createServer>).closeAllConnections()
})

const list = `- ratio: { bad: 'requests_total{color="green",code="500"}', total: 'requests_total{color="green"}' }\n  below: 1%`

function prepare(attributes = 'maxNoData={30}', every = 100): Workspace {
  // One look may be missed on a busy machine; what these tests ask does not turn on it.
  const settings = `for="${every * 10}ms" interval="${every}ms" minSamples="30%" settle={1}`
  const gate = `<Gate id="slo" title="Holds" source="${metrics}" ${settings} ${attributes}>\n\n\`\`\`yaml\n${list}\n\`\`\`\n\n</Gate>\n`
  return workspace({ 'content/runbooks/x.mdx': page(gate + commandStep('after', 'true', 'effect="read"')) })
}

function eventsOf(space: Workspace): Event[] {
  const state = join(space.root, '.runbook')
  return readJournal(join(runFolder(state, listRuns(state)[0] ?? ''), files.journal))
}
const verdicts = (space: Workspace) =>
  eventsOf(space)
    .filter(({ type }) => type === 'gate-watched')
    .map(({ data }) => data['verdict'])
const finished = (space: Workspace) =>
  eventsOf(space).some(({ type, key }) => type === 'step-finished' && key === 'after')

test('a good gate passes, and every look is in the journal with query, value, limit and verdict', async () => {
  // Its last look must be good, so it has more time than the others.
  using space = prepare(undefined, 500)
  const ran = await space.runbook(['exec', 'x'])
  expect(ran.code, ran.stderr).toBe(0)
  const samples = eventsOf(space).filter(({ type }) => type === 'gate-sampled')
  expect(samples.length).toBeGreaterThan(5)
  expect(samples.at(-1)?.data).toMatchObject({
    verdict: 'ok',
    metrics: [
      { value: '0', limitText: '1%', verdict: 'ok', query: expect.stringContaining('requests_total') },
    ],
  })
  expect(verdicts(space)).toEqual(['passed'])
})

test('a failed gate ends with exit code 4 at the fourth violation, whatever the flags', async () => {
  let requests = 0
  counts = () => [(requests += 100), requests]
  using space = prepare()
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('failed: 4 violations, more than 3')])
  expect(finished(space)).toBe(false)
})

test('an inconclusive gate ends with exit code 4 where nobody is, and a resume watches from the beginning', async () => {
  counts = () => [500, 0]
  using space = prepare('maxNoData={2}', 300)
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([
    4,
    expect.stringContaining('is inconclusive: no data 3 times in a row'),
  ])
  let requests = 0
  counts = () => [(requests += 100), 0]
  expect((await space.runbook(['resume', 'last'])).code).toBe(0)
  expect(verdicts(space)).toEqual(['inconclusive', 'passed'])
})

test.runIf(hasTerminal)(
  'at a terminal an inconclusive gate is accepted by a person with a reason, or not at all',
  async () => {
    counts = () => [500, 0]
    using space = prepare('maxNoData={2}')
    const terminal = onTerminal(space.root, ['exec', 'x'])
    await terminal.sees('What follows from that?')
    terminal.type(keys.up + keys.enter)
    await terminal.sees('Why is it accepted?')
    terminal.type(`seen by hand${keys.enter}`)
    const { code, screen } = await terminal.ended
    expect(code, screen).toBe(0)
    expect(eventsOf(space).find(({ type }) => type === 'gate-answered')).toMatchObject({
      data: { answer: 'accept', reason: 'seen by hand' },
      actor: { via: 'terminal' },
    })
  },
)

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  '%s in mid-gate does not pass, and a resume watches anew',
  async (signal) => {
    // Three looks must be good, so they have more time than others.
    using space = prepare(undefined, 300)
    let looks = 0
    let requests = 0
    const several = new Promise<void>((resolve) => {
      counts = () => {
        if (++looks === 4) resolve()
        return [(requests += 100), 0]
      }
    })
    const child = spawn(process.execPath, [binary, 'exec', 'x'], {
      cwd: space.root,
      env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com' },
      stdio: 'ignore',
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const early = ended.then((code) => expect.fail(`it ended with ${code} before the fourth look`))
    await Promise.race([several, early])
    child.kill(signal)
    expect(await ended).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: null }[signal])
    expect([verdicts(space), finished(space)]).toEqual([[], false])
    expect((await space.runbook(['resume', 'last'])).code).toBe(0)
    expect(verdicts(space)).toEqual(['passed'])
    const last = eventsOf(space).filter(({ type }) => type === 'gate-sampled')
    expect(last.filter(({ data }) => data['phase'] === 'first')).toHaveLength(2)
  },
)

test('a server that hangs does not pass', async () => {
  let requests = 0
  let looks = 0
  using space = prepare('maxNoData={30} maxErrors={1} requestTimeout="100ms"')
  counts = () => {
    if (++looks >= 3) counts = undefined
    return [(requests += 100), 0]
  }
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('is inconclusive')])
})
