import { expect, test, vi } from 'vitest'
import type { Io } from './io.ts'
import { progressLine, showStage, watchOn } from './progress.ts'

function io(parts: Partial<Io>, notes: string[] = []): Io {
  return { json: false, quiet: false, env: {}, note: (text: string) => notes.push(text), ...parts } as Io
}

/** A terminal of 20 columns that keeps what is written to it. */
function terminal(): { stream: NodeJS.WriteStream; text: () => string } {
  let text = ''
  const stream = { isTTY: true, columns: 20, write: (part: string) => Boolean((text += part)) }
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

test('the line says how many are done, and how long the others take at the same speed', () => {
  expect(progressLine(0, 800, 'documents', 600)).toBe('0 of 800 documents')
  expect(progressLine(400, 800, 'documents', 4_000)).toBe('400 of 800 documents, 4 s left')
  expect(progressLine(40, 800, 'runs', 60_000)).toBe('40 of 800 runs, 19 min left')
})

test('nothing is said of the time that is left before it can be known', () => {
  expect(progressLine(1, 44, 'runbooks', 1_000)).toBe('1 of 44 runbooks')
  expect(progressLine(3, 800, 'documents', 9_000)).toBe('3 of 800 documents')
})

test('the time that is left becomes less during a long item, and is unknown once that takes longer than those before', () => {
  expect(progressLine(1, 2, 'packages', 20_000, 20_000)).toBe('1 of 2 packages, 20 s left')
  expect(progressLine(1, 2, 'packages', 35_000, 20_000)).toBe('1 of 2 packages, 5 s left')
  expect(progressLine(1, 2, 'packages', 41_000, 20_000)).toBe('1 of 2 packages')
})

test('a stage stands on the terminal while no items are counted', async () => {
  const { stream, text } = terminal()
  const until = performance.now() + 700
  for await (const item of watchOn(io({}), stream, 'Building')([1, 2], 'pages'))
    while (performance.now() < until) expect(item).toBe(1)
  expect(text()).toMatch(/1 of 2 pages[^B]*Building[^B]*$/)
})

test('each item is handed out once and in order, whatever is drawn', async () => {
  const { stream } = terminal()
  for (const parts of [{}, { json: true }, { quiet: true }])
    expect(await all(watchOn(io(parts), stream)([3, 1, 2], 'runs'))).toEqual([3, 1, 2])
})

test('quick work draws nothing, and long work leaves an empty line behind', async () => {
  const quick = terminal()
  for await (const item of watchOn(io({}), quick.stream)([1, 2, 3], 'runs')) expect(item).toBeGreaterThan(0)
  expect(quick.text()).toBe('')
  const long = terminal()
  let busy = performance.now() + 700
  for await (const item of watchOn(io({}), long.stream)([1, 2, 3, 4], 'documents')) {
    while (performance.now() < busy) expect(item).toBeGreaterThan(0)
    busy += 150
  }
  // A line is never longer than the terminal is wide: a second one could not be taken away.
  expect(long.text()).toContain('1 of 4 documents')
  expect(long.text()).not.toContain(' s left')
  expect(long.text().endsWith('\u001B[1G\u001B[0K')).toBe(true)
})

test('work that is broken off takes its line away', async () => {
  const { stream, text } = terminal()
  const until = performance.now() + 700
  const work = async (): Promise<void> => {
    for await (const item of watchOn(io({}), stream)([1, 2, 3], 'runs')) {
      while (performance.now() < until) expect(item).toBe(1)
      if (item === 2) throw new Error('stopped')
    }
  }
  await expect(work()).rejects.toThrow('stopped')
  expect(text().endsWith('\u001B[1G\u001B[0K')).toBe(true)
})

test('a long item that waits for a program is shown meanwhile', async () => {
  const { stream, text } = terminal()
  for await (const item of watchOn(io({}), stream)(['msi', 'exe'], 'files'))
    if (item === 'msi') await vi.waitFor(() => expect(text()).toContain('0 of 2 files'), 10_000)
  expect(text().endsWith('\u001B[1G\u001B[0K')).toBe(true)
})

test('a machine of CI gets one line, and a pipe none', async () => {
  const pipe = { isTTY: false } as NodeJS.WriteStream
  for (const [env, lines] of [
    [{ CI: 'true' }, ['3 runs']],
    [{}, []],
  ] as const) {
    const notes: string[] = []
    expect(await all(watchOn(io({ env }, notes), pipe)([1, 2, 3], 'runs'))).toHaveLength(3)
    expect(notes).toEqual(lines)
  }
})

test('a stage without items is drawn until it ends, is a line of CI, and is not in a pipe or with --json', () => {
  const { stream, text } = terminal()
  const ended = showStage(io({}), 'Starting green', stream)
  expect(text()).toContain('Starting green')
  ended()
  expect(text().endsWith('\u001B[1G\u001B[0K')).toBe(true)
  const pipe = { isTTY: false } as NodeJS.WriteStream
  const notes: string[] = []
  for (const parts of [{ env: { CI: 'true' } }, {}, { env: { CI: 'true' }, json: true }])
    showStage(io(parts, notes), 'Starting green', pipe)()
  expect(notes).toEqual(['Starting green'])
})

test('a dumb terminal, which can draw no line anew, gets a line for each stage', async () => {
  const { stream, text } = terminal()
  const notes: string[] = []
  const dumb = io({ env: { TERM: 'dumb' } }, notes)
  showStage(dumb, 'Building …', stream)()
  let busy = performance.now() + 700
  for await (const item of watchOn(dumb, stream)([1, 2], 'pages')) {
    while (performance.now() < busy) expect(item).toBe(1)
    busy = 0
  }
  expect([notes, text()]).toEqual([['Building …', '2 pages'], ''])
})
