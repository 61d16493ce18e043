import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkerOf, trustIn } from '../../runner/engine/sign/trust.ts'
import { verifyFolder } from '../../runner/journal/verify/verify-evidence.ts'
import { bigRun } from '../support/big-run.ts'
import { writeSpecimen } from '../support/evidence.ts'

const folder = mkdtempSync(join(tmpdir(), 'budget-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(() => writeSpecimen(bigRun(), folder))

test('verify checks 10,000 events with at most half a second of work', () => {
  const check = checkerOf(trustIn(folder), process.env)
  const seconds = [1, 2, 3].map(() => {
    const before = process.cpuUsage()
    expect(verifyFolder(folder, check)).toMatchObject({ verified: true, signed: true })
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  })
  expect(Math.min(...seconds)).toBeLessThan(0.5)
})

test('the recipe checks 10,000 events with at most five seconds of work', () => {
  const recipe = resolve(import.meta.dirname, '../../runner/journal/recipe/verify.sh')
  const { stdout } = spawnSync('sh', ['-c', 'sh "$0" "$1" && times', recipe, folder], { encoding: 'utf8' })
  expect(stdout).toContain('VERIFIED, signed by alice@example.com')
  const children = stdout.trim().split('\n').at(-1) ?? ''
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  )
  expect(seconds).toHaveLength(2)
  expect(seconds.reduce((sum, one) => sum + one, 0)).toBeLessThan(5)
})
