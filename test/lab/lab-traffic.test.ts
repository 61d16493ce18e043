import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestJson } from '../../scripts/lib/ask-json.ts'
import { parseMetrics } from '../../scripts/lib/metrics-page.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { type RunningLab, cleanUp, colorsOf, get, runScript, startLab, tempDir } from '../scripts/support.ts'
import { patienceMs } from '../support/patience.ts'

const USERS = Array.from({ length: 600 }, (_, index) => `user-${index}`)
let lab: RunningLab

beforeAll(async () => {
  lab = await startLab(await tempDir())
  const artifact = join(lab.dir, 'artifacts', 'storefront-1.3.0')
  await runScript('deploy.ts', '--color', 'green', '--artifact', artifact, '--lab', lab.admin)
})

afterAll(cleanUp)

async function setGreen(green: number): Promise<void> {
  const answer = await requestJson('PUT', `${lab.admin}/traffic`, {
    body: { weights: { blue: 100 - green, green } },
  })
  expect(answer.status).toBe(200)
}

async function fault(body: object): Promise<void> {
  expect((await requestJson('POST', `${lab.admin}/fault`, { body })).status).toBe(200)
}

test('users are shared out as the weights say, within 3 sigma, and one who is on green stays there', async () => {
  let before = new Set<string>()
  for (const percent of [0, 10, 50, 100]) {
    await setGreen(percent)
    const colors = await colorsOf(lab.url, USERS)
    const green = new Set(colors.get('green'))
    const expected = (USERS.length * percent) / 100
    const sigma = Math.sqrt((expected * (100 - percent)) / 100)
    expect(Math.abs(green.size - expected)).toBeLessThanOrEqual(3 * sigma)
    expect(green.size + (colors.get('blue')?.length ?? 0)).toBe(USERS.length)
    expect([...before].filter((user) => !green.has(user))).toEqual([])
    before = green
  }
})

test('requests without a user are shared out one by one, evenly and not by chance', async () => {
  await setGreen(50)
  const colors = await colorsOf(
    lab.url,
    Array.from({ length: 1000 }, () => undefined),
  )
  expect(Math.abs((colors.get('green')?.length ?? 0) - 500)).toBeLessThanOrEqual(3)
})

test('of two who read the same traffic version only the first may change it', async () => {
  await setGreen(50)
  const { version } = (await lab.state()).traffic
  const put = (green: number) =>
    requestJson('PUT', `${lab.admin}/traffic`, {
      body: { weights: { blue: 100 - green, green }, ifVersion: version },
    })
  const answers = await Promise.all([put(60), put(70)])
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200, 409]))
  const refused = answers.find((answer) => answer.status === 409)
  expect(refused?.body['error']).toContain(`expected version ${version}, it is ${version + 1}`)
  expect(refused?.body['remedy']).toBeTypeOf('string')
})

test.each([
  [{ weights: { blue: 0, green: 0 } }, 'Unexpected weights'],
  [{ weights: { blue: 101, green: 0 } }, 'Unexpected weights'],
  [{ weights: { blue: 0.5, green: 1 } }, 'Unexpected weights'],
  [{ weights: { blue: 50, gren: 50 } }, 'Unknown field "gren"'],
  [{ weight: { blue: 50, green: 50 } }, 'Unknown field "weight"'],
])('weights %j are refused', async (body, message) => {
  const answer = await requestJson('PUT', `${lab.admin}/traffic`, { body })
  expect(answer.status).toBe(400)
  expect(answer.body['error']).toContain(message)
})

test('the admin API refuses what a web page could send', async () => {
  const origin = await get(`${lab.admin}/state`, { origin: 'http://example.com' })
  const rebound = await get(`${lab.admin}/state`, { host: 'example.com' })
  expect([origin.status, rebound.status]).toEqual([403, 403])
})

test('a color with traffic is neither stopped nor replaced', async () => {
  await setGreen(10)
  const stopped = await requestJson('POST', `${lab.admin}/stop`, { body: { color: 'blue' } })
  const artifactDir = join(lab.dir, 'artifacts', 'storefront-1.3.0')
  const replaced = await requestJson('POST', `${lab.admin}/deploy`, { body: { color: 'green', artifactDir } })
  expect([stopped.status, replaced.status]).toEqual([409, 409])
})

test('injected errors show in the metrics of that color and in what clients saw, at exactly their rate', async () => {
  await setGreen(100)
  await fault({ kind: 'errors', color: 'green', rate: 0.05 })
  const colors = await colorsOf(lab.url, USERS)
  await fault({ kind: 'none' })
  expect(colors.get('status 500')).toHaveLength(USERS.length * 0.05)
  const page = await get(`${(await lab.state()).colors.green.url}/metrics`)
  const failed = parseMetrics(page.text).filter(({ labels }) => labels['code'] === '500')
  expect(failed.reduce((sum, { value }) => sum + value, 0)).toBe(USERS.length * 0.05)
})

test('a color without traffic by fault counts nothing, and nobody notices', async () => {
  await setGreen(50)
  await fault({ kind: 'no-traffic', color: 'green' })
  const colors = await colorsOf(lab.url, USERS.slice(0, 200))
  await fault({ kind: 'none' })
  expect([...colors.keys()]).toEqual(['blue'])
})

test('a color whose readiness flaps gets no request while it is not ready', async () => {
  await setGreen(50)
  await fault({ kind: 'flap', color: 'green' })
  const unready = await waitFor(
    async () => ((await lab.state()).colors.green.state === 'starting' ? true : undefined),
    patienceMs,
  )
  const colors = await colorsOf(lab.url, USERS.slice(0, 50))
  await fault({ kind: 'none' })
  const ready = await waitFor(
    async () => ((await lab.state()).colors.green.state === 'ready' ? true : undefined),
    patienceMs,
  )
  expect([unready, ready]).toEqual([true, true])
  expect(colors.get('status 503')).toBeUndefined()
})

test('when a color crashes the other one that has weight takes its users, and a color without weight does not', async () => {
  await setGreen(50)
  await fault({ kind: 'crash', color: 'green' })
  const gone = await waitFor(
    async () => ((await lab.state()).colors.green.state === 'stopped' ? true : undefined),
    patienceMs,
  )
  expect(gone).toBe(true)
  expect([...(await colorsOf(lab.url, USERS.slice(0, 100))).keys()]).toEqual(['blue'])
  const raise = await requestJson('PUT', `${lab.admin}/traffic`, {
    body: { weights: { blue: 0, green: 100 } },
  })
  expect(raise.status).toBe(409)
  expect((await lab.state()).colors.green.lastExit).toBe('signal SIGKILL')
})

test('reset brings back the first state', async () => {
  const ran = await runScript('lab.ts', 'reset', '--dir', lab.dir, '--json')
  expect(ran.code).toBe(0)
  expect(JSON.parse(ran.stdout)).toMatchObject({
    live: 'blue',
    traffic: { weights: { blue: 100, green: 0 } },
    colors: { blue: { state: 'ready', version: '1.3.0' }, green: { state: 'stopped' } },
  })
})

test('an error that a page reports is counted by its kind, and its text is kept nowhere', async () => {
  await setGreen(0)
  const report = (kind: string, body: string): Promise<Response> =>
    fetch(`${lab.url}/errors?kind=${kind}`, { method: 'POST', body })
  const counts = async (): Promise<Record<string, number>> => {
    const page = await get(`${(await lab.state()).colors.blue.url}/metrics`)
    const samples = parseMetrics(page.text).filter(({ name }) => name === 'app_errors_total')
    expect(page.text).not.toContain('ann@example.com')
    return Object.fromEntries(samples.map(({ labels, value }) => [labels['kind'] ?? '', value]))
  }
  expect(await counts()).toEqual({ script: 0, network: 0, render: 0, other: 0 })
  expect((await report('script', 'TypeError for ann@example.com')).status).toBe(202)
  expect((await report('ann@example.com', 'x')).status).toBe(202)
  expect(await counts()).toEqual({ script: 1, network: 0, render: 0, other: 1 })
})
