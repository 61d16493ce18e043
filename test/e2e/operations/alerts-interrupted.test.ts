import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { start } from '../../support/live.ts'
import { workspace } from '../../support/workspace.ts'

const rules = `groups:
  - name: shop
    rules:
      - alert: Slow
        expr: up == 0
        annotations: { runbook_url: "https://x.example/runbooks/slow/" }
`

test('an interrupt of alerts check ends promtool, leaves the rules as they were and no file of its own', async () => {
  using space = workspace({
    'content/runbooks/slow.md': '# Slow\n',
    'rules.yml': rules,
    'bin/promtool': '#!/bin/sh\necho $$ > began.new\nmv began.new began\nexec sleep 60\n',
  })
  chmodSync(join(space.root, 'bin/promtool'), 0o755)
  mkdirSync(join(space.root, 'tmp'))
  const live = start(space.root, ['alerts', 'check', 'rules.yml', '--base-url', 'https://x.example'], {
    PATH: `${join(space.root, 'bin')}:${process.env['PATH']}`,
    TMPDIR: join(space.root, 'tmp'),
    NODE_DISABLE_COMPILE_CACHE: '1',
  })
  const began = join(space.root, 'began')
  await expect.poll(() => existsSync(began), { timeout: 30_000 }).toBe(true)
  const promtool = Number(readFileSync(began, 'utf8'))
  live.child.kill('SIGINT')
  expect(await live.ended).toMatchObject({ code: 130, stdout: '' })
  await expect.poll(() => isRunning(promtool), { timeout: 30_000 }).toBe(false)
  expect(readdirSync(join(space.root, 'tmp'))).toEqual([])
  expect(readFileSync(join(space.root, 'rules.yml'), 'utf8')).toBe(rules)
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
