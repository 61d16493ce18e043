import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ground, hostileSession, hostileSessions, leftBehind } from '../../support/agents/hostile.ts'

test('a hostile client passes no gate, runs no step twice and is told no secret, in 16 sessions', async () => {
  using place = ground()
  const told = await hostileSessions(place, 0, 16)
  const { runs, atGate, violations } = leftBehind(place)
  expect([...told, ...violations]).toEqual([])
  expect(runs).toBeGreaterThan(3)
  // Runs that fail before a gate say nothing about it.
  expect(atGate).toBeGreaterThan(3)
})

test('the same attacks find a server that registers `approve`', async () => {
  using place = ground([join(import.meta.dirname, '../../support/agents/control-server.ts')])
  await hostileSession(place, 2)
  expect(leftBehind(place).violations).toEqual(
    expect.arrayContaining([
      expect.stringContaining('a gate was passed'),
      expect.stringContaining('approval-given'),
    ]),
  )
})
