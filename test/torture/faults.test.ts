import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { effectsOf, killAt, listMoments, steps, survive, twelve } from '../support/attack/attack.ts'
import type { Battle } from '../support/attack/attack.ts'
import { each, say, upTo } from '../support/attack/two-at-a-time.ts'
import { workspace } from '../support/workspace.ts'

async function strike(...blows: Record<string, string>[]): Promise<Battle> {
  using space = workspace({ 'content/runbooks/twelve.mdx': twelve })
  const battle = await survive(space, 'twelve', blows)
  expect(effectsOf(space.root), 'each effect once, in order (I2)').toEqual(steps)
  return battle
}

async function moments(): Promise<{ runner: number; shim: number }> {
  using space = workspace({ 'content/runbooks/twelve.mdx': twelve })
  const log = join(space.root, 'moments')
  await survive(space, 'twelve', [listMoments(log)])
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  const count = (who: string): number => lines.filter((line) => line.startsWith(who)).length
  return { runner: count('runner'), shim: count('shim') }
}

describe(
  'a twelve-step run is killed at every moment it changes the world',
  { timeout: 3_600_000 },
  async () => {
    const { runner, shim } = await moments()

    test(`the runner, ${runner} moments`, async () => {
      const battle = await each(upTo(runner), (n) => strike(killAt('runner', n)))
      say('runner', battle)
      expect(battle.kills).toBe(runner)
      expect(battle.asked, 'outcome known without asking').toBe(0)
    })

    test(`the runner in mid-write, every third moment`, async () => {
      const battle = await each(
        upTo(runner).filter((n) => n % 3 === 0),
        (n) => strike(killAt('runner', n, true)),
      )
      say('torn', battle)
      expect(battle.asked).toBe(0)
    })

    test(`the shim, ${shim} moments`, async () => {
      const battle = await each(upTo(shim), (n) => strike(killAt('shim', n)))
      say('shim', battle)
    })

    test('twice: the runner at one moment, and whoever resumes at another', async () => {
      const battle = await each(upTo(60), (n) =>
        strike(killAt('runner', 20 + ((n * 37) % (runner - 20))), killAt('runner', 1 + ((n * 11) % 60))),
      )
      say('twice', battle)
      expect(battle.asked).toBe(0)
    })

    test('the runner and its shim together', async () => {
      const battle = await each(upTo(40), (n) =>
        strike(killAt('shim', 5 + ((n * 13) % (shim - 5))), killAt('runner', 1 + ((n * 7) % 60))),
      )
      say('both', battle)
    })
  },
)
