import { expect, test } from 'vitest'
import { permit } from './permit.ts'
import type { Ships } from './port.ts'
import { Away, Lost, meaningOf } from './refusals.ts'

const never = new AbortController().signal

/** Asks for a permission of a database that answers each call in turn with an error, or not at all. */
async function asked(
  ships: Ships,
  answers: (Error | undefined)[],
  stored = (): Promise<void> => Promise.resolve(),
) {
  let calls = 0
  await permit({
    port: {
      permit() {
        const answer = answers[calls++]
        return answer ? Promise.reject(answer) : Promise.resolve()
      },
    },
    run: 'r',
    epoch: 1,
    ships,
    stored,
    cancelled: never,
  })
  return calls
}

test.each(['strict', 'later'] as const)(
  'a refusal is never an outage: nothing starts under %s',
  async (ships) => {
    await expect(asked(ships, [new Lost('another owner')])).rejects.toThrow(Lost)
  },
)

test('under `later` a step goes on while the database is away', async () => {
  expect(await asked('later', [new Away('gone')])).toBe(1)
})

test('under `strict` a step waits until the database gives its permission', async () => {
  expect(await asked('strict', [new Away('gone'), undefined])).toBe(2)
})

test('under `strict` a line that is not stored keeps the step from starting', async () => {
  let tries = 0
  const stored = (): Promise<void> => (tries++ === 0 ? Promise.reject(new Away('gone')) : Promise.resolve())
  expect(await asked('strict', [undefined], stored)).toBe(1)
  expect(tries).toBe(2)
})

test('a run that was lost while its lines were on their way starts nothing', async () => {
  await expect(asked('strict', [], () => Promise.reject(new Lost('gone')))).rejects.toThrow(Lost)
})

test('a run that is stopped while it waits for the database does not start its step', async () => {
  const cancelled = AbortSignal.abort()
  const port = { permit: () => Promise.reject(new Away('gone')) }
  const stored = (): Promise<void> => Promise.resolve()
  await expect(permit({ port, run: 'r', epoch: 1, ships: 'strict', stored, cancelled })).rejects.toThrow(
    'stopped',
  )
})

test.each(['RB001', 'RB002', 'RB003', 'RB004', 'RB005', '42501', '28P01'])(
  'the error %s is a refusal, and not an outage',
  (code) => {
    expect(meaningOf(Object.assign(new Error('x'), { code }))).not.toBeInstanceOf(Away)
  },
)

test.each(['ECONNRESET', 'ECONNREFUSED', '57P01', '57P03', '53300', '25006', '08006', ''])(
  'the error `%s` is an outage, and not a refusal',
  (code) => {
    expect(meaningOf(Object.assign(new Error('x'), { code }))).toBeInstanceOf(Away)
  },
)
