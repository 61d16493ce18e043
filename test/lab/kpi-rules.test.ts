import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { runIn } from '../support/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'content/rules')
const read = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'))
const promtool = (...args: string[]): string => execFileSync('promtool', args, { cwd: folder }).toString()

interface Rules {
  groups: { rules: { alert?: string }[] }[]
}
interface Tests {
  tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
}

test('promtool takes the rules of the figures, and every case just within and just beyond a target is right', () => {
  expect(promtool('check', 'rules', '--lint-fatal', 'kpi.yml')).toContain('SUCCESS')
  expect(promtool('test', 'rules', 'kpi.test.yml')).toContain('SUCCESS')
})

test('every alert of the figures has a case in which it fires and one in which it does not', () => {
  const alerts = (read('kpi.yml') as Rules).groups.flatMap(({ rules }) =>
    rules.flatMap(({ alert }) => alert ?? []),
  )
  const cases = (read('kpi.test.yml') as Tests).tests.flatMap((one) => one.alert_rule_test)
  const firing = (fires: boolean): string[] =>
    cases.filter((one) => one.exp_alerts.length > 0 === fires).map(({ alertname }) => alertname)
  expect(alerts.length).toBeGreaterThan(5)
  expect(firing(true).toSorted()).toEqual(alerts.toSorted())
  expect(firing(false).toSorted()).toEqual(alerts.toSorted())
})

test('every link of the figures leads to a step that is there', async () => {
  const ran = await runIn(
    root,
    ['alerts', 'check', 'content/rules/kpi.yml', '--base-url', 'http://127.0.0.1:4321'],
    {},
  )
  expect(ran.code, ran.stdout).toBe(0)
  expect(ran.stderr).toContain('0 errors, 0 warnings')
})
