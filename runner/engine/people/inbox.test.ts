import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { asText } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { handIn, postAnswer, postDecision, readInbox } from './inbox.ts'

function inFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'inbox-'))
  try {
    body(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const { signal } = new AbortController()

function read(folder: string, topic: string, refused: string[] = [], doubt = ''): JsonObject | undefined {
  return readInbox<JsonObject>({
    folder,
    topic,
    stop: signal,
    judge: ({ by }) => (by === doubt ? 'no such person' : undefined),
    onRefused: ({ by }, why) => void refused.push(`${asText(by)}: ${why}`),
  }).now
}

function post(folder: string, topics: string[], by: string, decision = 'approved', replace = false) {
  const make = (topic: string): JsonObject => ({ by, decision, topic })
  return postDecision({ folder, topics, writer: by, isOwn: (one) => one['by'] === by, replace, make })?.topic
}

test('a stop that came before the question ends the wait for its answer', async () => {
  let later: Promise<JsonObject | undefined> | undefined
  inFolder((folder) => {
    const reading = { folder, topic: 'go/1', judge: () => undefined, onRefused: () => undefined }
    later = readInbox<JsonObject>({ ...reading, stop: AbortSignal.abort() }).later
  })
  expect(await later).toBeUndefined()
})

test('the first of two answers stands, and nothing is left beside it', () => {
  inFolder((folder) => {
    expect(postAnswer(folder, 'go/1', { by: 'ann' })).toBe(true)
    expect(postAnswer(folder, 'go/1', { by: 'ben' })).toBe(false)
    expect(read(folder, 'go/1')).toEqual({ by: 'ann', received: expect.any(Number) as number })
    expect(readdirSync(join(folder, 'inbox'))).toEqual(['go%2F1.json'])
  })
})

test('as many people as are asked decide side by side, each for a request of their own', () => {
  inFolder((folder) => {
    const topics = ['go/1', 'go/2']
    expect([post(folder, topics, 'ann'), post(folder, topics, 'ben')]).toEqual(topics)
    expect([read(folder, 'go/1'), read(folder, 'go/2')]).toMatchObject([{ by: 'ann' }, { by: 'ben' }])
  })
})

test('a person decides once, and replaces their own decision only', () => {
  inFolder((folder) => {
    expect(post(folder, ['go/1'], 'ann')).toBe('go/1')
    expect(post(folder, ['go/1'], 'ann', 'rejected')).toBeUndefined()
    expect(post(folder, ['go/1'], 'ben', 'approved', true)).toBe('go/1')
    expect(post(folder, ['go/1'], 'ann', 'rejected', true)).toBe('go/1')
    expect(read(folder, 'go/1')).toMatchObject({ by: 'ann', decision: 'rejected', replaces: { by: 'ann' } })
  })
})

test('a no is read before a yes that came first, and the yes is told that it came to nothing', () => {
  inFolder((folder) => {
    post(folder, ['go/1'], 'ann')
    post(folder, ['go/1'], 'ben', 'rejected')
    const refused: string[] = []
    expect(read(folder, 'go/1', refused)).toMatchObject({ by: 'ben' })
    expect(refused).toEqual(['ann: the question was answered before this was read'])
  })
})

test('a decision that does not count makes room for one that waits behind it', () => {
  inFolder((folder) => {
    post(folder, ['go/1'], 'eve')
    post(folder, ['go/1'], 'ben')
    const refused: string[] = []
    expect(read(folder, 'go/1', refused, 'eve')).toMatchObject({ by: 'ben' })
    expect(refused).toEqual(['eve: no such person'])
  })
})

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('all who wait for answers in one process share one timer, and none is left at the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inbox-'))
  const before = timers()
  const [begun, ended] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')]
  const stop = new AbortController()
  const waits = Array.from({ length: 50 }, (_, at) =>
    readInbox({
      folder,
      topic: `go/${at}`,
      stop: stop.signal,
      judge: () => undefined,
      onRefused: () => {},
    }),
  )
  expect(timers() - before).toBeLessThanOrEqual(1)
  handIn(folder, 'go/7', 'id', { decision: 'approved' })
  expect(await waits[7]?.later).toMatchObject({ decision: 'approved' })
  stop.abort()
  await Promise.all(waits.map(({ later }) => later))
  // Timers of the test runner begin and end meanwhile.
  expect(begun).toHaveBeenCalledTimes(1)
  expect(ended).toHaveBeenCalledExactlyOnceWith(begun.mock.results[0]?.value)
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})
