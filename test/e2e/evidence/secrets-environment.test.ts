import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const print = commandStep(
  'print',
  'echo "smtp $SMTP_URL key $API_KEY at $STATUS_URL in $REGION of $STAGE"; env | grep PASSWORD | base64 # production',
  'effect="read"',
)
const frontmatter =
  'requires:\n  env: [SMTP_URL]\n  optionalEnv: [API_KEY, STATUS_URL, REGION, STAGE, PASSWORD]\n  publicEnv: [STATUS_URL]\n'
const env = {
  SMTP_URL: 'smtp://robot:made-up-pass@mail.example:25',
  API_KEY: 'made-up-key-0123456789',
  PASSWORD: 'made-up-pfx-password-of-some-length',
  STATUS_URL: 'https://status.example.com',
  REGION: 'eu',
  STAGE: 'production',
}

test('a declared variable is hidden unless it is public, and one that cannot be is named', async () => {
  using space = workspace({
    'content/runbooks/r.mdx': page(print, frontmatter),
  })
  const ran = await space.runbook(['exec', 'r', '--yes'], env)
  expect(ran.code, ran.stderr).toBe(0)
  const entries = readdirSync(join(space.root, '.runbook'), { recursive: true, withFileTypes: true })
  const kept = entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  for (const text of [ran.stdout, ran.stderr, ...kept])
    for (const part of ['made-up', Buffer.from('made-up-pfx').toString('base64').slice(0, 12)])
      expect(text).not.toContain(part)
  expect(ran.stdout + ran.stderr).toContain(
    'smtp [redacted] key [redacted] at https://status.example.com in eu of production',
  )
  expect(ran.stderr).toContain('The value of $REGION is not hidden: it is shorter than 8 bytes.')
  expect(ran.stderr).not.toContain('$STATUS_URL is not hidden')
})
