import { writeFileSync, mkdtempSync, rmSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OpenFeature } from '@openfeature/server-sdk'
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import { waitFor } from '../../scripts/lib/wait.ts'
import { newEntry } from '../../scripts/programs/flags/flag-entry.ts'
import { flagClient } from './flag-client.ts'
import { flagEvaluator } from './flag-evaluator.ts'
import { fileProvider } from './file-provider.ts'
import type { Flags } from './flag-client.ts'
import { openFlags } from './open-flags.ts'
import { isAmongFirst } from './share.ts'

const folder = mkdtempSync(join(tmpdir(), 'runbook-flags-'))
const file = join(folder, 'lab.flagd.json')
const users = Array.from({ length: 1000 }, (_, index) => ({ targetingKey: `user-${index}` }))
const anybody = { targetingKey: 'user-1' }

const about = {
  owner: 'web',
  type: 'release',
  description: '',
  tags: [],
  requires: [],
  expires: '',
  created: '2026-11-01T00:00:00Z',
} as const
const entry = (key: string, percentage: number) => newEntry({ ...about, key, percentage })
const fixed = (variants: Record<string, unknown>) => ({
  state: 'ENABLED',
  variants,
  defaultVariant: Object.keys(variants)[0],
})
const document = (percentage: number): string =>
  JSON.stringify({
    flags: {
      ui_x: entry('ui_x', percentage),
      ui_size: fixed({ big: 20, small: 10 }),
      ui_words: fixed({ long: 'Buy it now', short: 'Buy' }),
      ui_shape: fixed({ round: { radius: 4 } }),
    },
  })
/** As `runbook flags` writes: the file is never half written. */
const write = (text: string): void => {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

let flags: Flags & { close(): Promise<void> }
const problems: string[] = []

beforeAll(async () => {
  write(document(25))
  flags = await openFlags({
    provider: 'flagd',
    file,
    everyMs: 20,
    onProblem: (text) => void problems.push(text),
  })
})
afterAll(async () => {
  await flags.close()
  await OpenFeature.close()
  rmSync(folder, { recursive: true })
})

test('a program asks for a feature, a value, a variant or one of two ways', async () => {
  const asked = await Promise.all(users.map((user) => flags.isEnabled('ui_x', user)))
  const evaluator = flagEvaluator(document(25))
  expect(asked).toEqual(users.map((user) => evaluator.resolve('ui_x', false, user).value))
  const on = users[asked.indexOf(true)] ?? expect.fail('nobody has it')
  const off = users[asked.indexOf(false)] ?? expect.fail('everybody has it')
  expect(await flags.getValue('ui_size', on, 1)).toBe(20)
  expect(await flags.getValue('ui_words', on, '')).toBe('Buy it now')
  expect(await flags.getValue('ui_shape', on, { radius: 0 })).toEqual({ radius: 4 })
  expect(await flags.variant('ui_words', on, ['long', 'short'], 'short')).toBe('long')
  expect(await flags.variant('ui_size', on, ['big', 'small'], 'small')).toBe('big')
  expect(await flags.variant('ui_x', off, ['on', 'off'], 'on')).toBe('off')
  const way = (user: typeof on) =>
    flags.withFlag(
      'ui_x',
      user,
      () => 'new',
      () => Promise.resolve('old'),
    )
  expect([await way(on), await way(off)]).toEqual(['new', 'old'])
})

test('an unknown flag, another type and an unlisted variant give the fallback, and nothing throws', async () => {
  expect(await flags.isEnabled('ui_none', anybody)).toBe(false)
  expect(await flags.isEnabled('ui_words', anybody)).toBe(false)
  expect(await flags.getValue('ui_none', anybody, 'light')).toBe('light')
  expect(await flags.getValue('ui_size', anybody, 'text')).toBe('text')
  expect(await flags.variant('ui_none', anybody, ['A', 'B'], 'A')).toBe('A')
  expect(await flags.variant('ui_words', anybody, ['A', 'B'], 'B')).toBe('B')
})

test('an error of one of the two ways is the caller’s, and the other way does not run', async () => {
  const failing = flags.withFlag(
    'ui_none',
    anybody,
    () => expect.fail('it is off'),
    () => Promise.reject(new Error('mine')),
  )
  await expect(failing).rejects.toThrow('mine')
})

test('a share in the code gives a feature to the users to whom the same share of the flag gives it, never to others', async () => {
  for (const percent of [0, 0.001, 12.345, 25, 50, 100]) {
    const evaluator = flagEvaluator(JSON.stringify({ flags: { ui_x: entry('ui_x', percent) } }))
    expect(users.map((user) => isAmongFirst('ui_x', user, percent))).toEqual(
      users.map((user) => evaluator.resolve('ui_x', false, user).value),
    )
  }
  const asked = async (percent: number): Promise<number> =>
    (await Promise.all(users.map((user) => flags.percentage('ui_x', user, percent)))).filter(Boolean).length
  const on = (await Promise.all(users.map((user) => flags.isEnabled('ui_x', user)))).filter(Boolean).length
  expect(await asked(100)).toBe(on)
  expect(await asked(5)).toBeLessThan(on)
  expect(await flags.percentage('ui_none', anybody, 100)).toBe(false)
  await expect(flags.percentage('ui_x', anybody, 101)).rejects.toThrow('101 is not a share from 0 to 100')
})

test('hooks of OpenFeature count each question by its flag and variant', async () => {
  const provider = fileProvider({ file })
  await OpenFeature.setProviderAndWait('counted', provider)
  const client = OpenFeature.getClient('counted')
  const counts: Record<string, number> = {}
  client.addHooks({
    after({ flagKey }, { variant = '' }) {
      counts[`${flagKey} ${variant}`] = (counts[`${flagKey} ${variant}`] ?? 0) + 1
    },
  })
  const counted = flagClient(client)
  const on = (await Promise.all(users.map((user) => counted.isEnabled('ui_x', user)))).filter(Boolean).length
  expect(counts).toEqual({ 'ui_x on': on, 'ui_x off': 1000 - on })
})

test('a change of the file counts without a restart, and a broken file leaves the last good flags in force', async () => {
  const on = users.find((user) => isAmongFirst('ui_x', user, 25)) ?? expect.fail('nobody')
  write('{ broken')
  expect(await waitFor(() => Promise.resolve(problems[0]), 5000, 5)).toContain('lab.flagd.json was not read')
  expect(await flags.isEnabled('ui_x', on)).toBe(true)
  write(document(0))
  expect(await waitFor(async () => ((await flags.isEnabled('ui_x', on)) ? undefined : true), 5000, 5)).toBe(
    true,
  )
})

test('a file that appears later counts from then on, and until then every question gives its fallback', async () => {
  const late = join(folder, 'late.flagd.json')
  const said: string[] = []
  const opened = await openFlags({
    provider: 'flagd',
    file: late,
    everyMs: 20,
    onProblem: (text) => void said.push(text),
  })
  expect(said[0]).toContain('late.flagd.json')
  expect(await opened.isEnabled('ui_x', anybody)).toBe(false)
  writeFileSync(late, document(100))
  expect(
    await waitFor(async () => ((await opened.isEnabled('ui_x', anybody)) ? true : undefined), 5000, 5),
  ).toBe(true)
  await opened.close()
  expect(await opened.isEnabled('ui_x', anybody)).toBe(false)
})

test('the 99th percentile of evaluations through OpenFeature is below a millisecond, and none reads the file', async () => {
  const late = join(folder, 'gone.flagd.json')
  writeFileSync(late, document(50))
  const opened = await openFlags({ provider: 'flagd', file: late })
  rmSync(late)
  const times = new Float64Array(20_000)
  for (let index = 0; index < times.length; index++) {
    const user = users[index % users.length] ?? expect.fail('no user')
    const started = performance.now()
    await opened.isEnabled('ui_x', user)
    times[index] = performance.now() - started
  }
  await opened.close()
  expect(times.toSorted()[19_800]).toBeLessThan(1)
})

test('the types follow the fallback and the list of variants', () => {
  expectTypeOf(flags.getValue('a', anybody, true)).resolves.toEqualTypeOf<boolean>()
  expectTypeOf(flags.getValue('a', anybody, 'light')).resolves.toEqualTypeOf<string>()
  expectTypeOf(flags.getValue('a', anybody, 1)).resolves.toEqualTypeOf<number>()
  expectTypeOf(flags.variant('a', anybody, ['A', 'B'], 'A')).resolves.toEqualTypeOf<'A' | 'B'>()
  expectTypeOf(
    flags.withFlag(
      'a',
      anybody,
      () => 1,
      () => 2,
    ),
  ).resolves.toEqualTypeOf<number>()
  expectTypeOf(flags.percentage('a', anybody, 25)).resolves.toEqualTypeOf<boolean>()
  // @ts-expect-error -- The fallback is one of the variants.
  void flags.variant('a', anybody, ['A', 'B'], 'C')
  // @ts-expect-error -- A user has a key.
  void flags.isEnabled('a', {})
})
