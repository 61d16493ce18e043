import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, tempDir } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
afterAll(cleanUp)

test('a secret comes out of age and out of pass, and not with a wrong identity', async () => {
  const dir = await tempDir()
  const gpg = join(dir, 'gpg')
  mkdirSync(gpg, { mode: 0o700 })
  const env = { ...process.env, GNUPGHOME: gpg, PASSWORD_STORE_DIR: join(dir, 'store') }
  const call = (program: string, args: readonly string[], input = ''): void =>
    void execFileSync(program, args, { cwd: dir, env, input, stdio: ['pipe', 'pipe', 'pipe'] })
  call('age-keygen', ['-o', 'key.txt'])
  call('age-keygen', ['-o', 'other.txt'])
  const recipient = /age1\w+/.exec(readFileSync(join(dir, 'key.txt'), 'utf8'))?.[0] ?? ''
  call('age', ['-r', recipient, '-o', 'db.age'], 'the-value-of-both\n')
  call('gpg', ['--batch', '--passphrase', '', '--quick-gen-key', 'shop@example.com', 'default', 'default'])
  call('pass', ['init', 'shop@example.com'])
  call('pass', ['insert', '--multiline', 'shop/db'], 'the-value-of-both\nuser: shop\n')
  writeFileSync(
    join(dir, 'secrets.yaml'),
    `secrets:\n  in-age: { age: { file: ${dir}/db.age, identity: ${dir}/key.txt } }\n  in-pass: { pass: shop/db }\n  wrong: { age: { file: ${dir}/db.age, identity: ${dir}/other.txt } }\n`,
  )
  const secrets = (...args: string[]): ReturnType<typeof runIn> =>
    runIn(root, ['secrets', ...args, '--file', join(dir, 'secrets.yaml')], {
      GNUPGHOME: gpg,
      PASSWORD_STORE_DIR: join(dir, 'store'),
    })
  const marks = await Promise.all(
    ['in-age', 'in-pass'].map((name) => secrets('fingerprint', `secret://${name}`, '--salt', 'one')),
  )
  expect(marks[0]?.stdout).toMatch(/^[\da-f]{16}\n$/)
  expect(marks[1]?.stdout).toBe(marks[0]?.stdout)
  expect(await secrets('check', 'secret://wrong')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('`age` ended with 1'),
  })
  execFileSync('gpgconf', ['--homedir', gpg, '--kill', 'all'])
})

test('a secret is changed: the run waits for another value, keeps none, and writes down the day', async () => {
  const dir = await tempDir()
  const file = join(dir, 'secrets.yaml')
  writeFileSync(file, `secrets:\n  shop/db: { file: ${dir}/value, every: 90d, changed: 2026-01-01 }\n`)
  writeFileSync(join(dir, 'value'), 'the-value-before\n')
  chmodSync(join(dir, 'value'), 0o600)
  const answers = join(dir, 'answers.yaml')
  writeFileSync(answers, 'actor: test@example.com\nanswers:\n  make: done\n  use: done\n  revoke: done\n')
  const state = { RUNBOOK_STATE: join(dir, 'state') }
  const given = ['-i', 'name=shop/db', '-i', `file=${file}`, '--yes', '--answers', answers]
  const early = await runIn(root, ['exec', 'secret-rotation', ...given], state)
  expect(early.code).toBe(1)
  expect(early.stderr).toContain('still has the value from before')
  writeFileSync(join(dir, 'value'), 'the-value-after\n')
  const ran = await runIn(root, ['resume', 'last', '--yes', '--answers', answers], state)
  expect(ran.code, ran.stderr).toBe(0)
  expect(readFileSync(file, 'utf8')).toContain(`changed: ${new Date().toISOString().slice(0, 10)}`)
  const kept = execFileSync('sh', [
    '-c',
    'grep -rc the-value- "$1" || true',
    'sh',
    join(dir, 'state'),
  ]).toString()
  expect(kept).toMatch(/^(.*:0\n)+$/)
})
