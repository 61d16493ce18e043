import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { start } from '../../support/live.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const canary = 'canary-5d1e/of+references'
const listed = `secrets:
  db/{place}: { file: "kept/{place}", every: 90d, changed: 2026-08-31 } # the database
  api/key: { env: API_KEY, every: 180d, changed: 2026-08-31 }
  vault/key: { command: [./vault, read, key] }
  vault/broken: { command: [./vault, broken] }
`
// The step says the value in every way, then waits until its processes were looked at.
const script = `
printf '%s\\n' "$token"; printf %s "$token" | base64; echo "said=$token" >> "$RUNBOOK_OUTPUT"
touch here; while test ! -e looked; do sleep 0.05; done`
const space = workspace({
  'content/runbooks/r.mdx': page(
    commandStep('use', script, 'outputs="said"'),
    'inputs:\n  token: { type: secret }\n',
  ),
  'content/runbooks/measure.mdx': page(
    commandStep('use', 'echo "length=${#token}" >> "$RUNBOOK_OUTPUT"; test -e go', 'outputs="length"'),
    'inputs:\n  token: { type: secret }\n',
  ),
  'content/secrets.yaml': listed,
  'kept/prod': `${canary}\n`,
  vault: `#!/bin/sh\ntest "$1" = read || { echo ${canary} >&2; exit 3; }\necho ${canary}\n`,
})
beforeAll(() => chmodSync(join(space.root, 'vault'), 0o755))
afterAll(() => space[Symbol.dispose]())

/** The arguments of every process of this machine. */
function allArguments(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
    .join('\n')
}

/** Every file that runs have left. */
function allRecords(): string {
  const entries = readdirSync(join(space.root, '.runbook'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.map((file) => readFileSync(file, 'latin1')).join('\n')
}

test('the value behind a reference is in no plan, journal, output, page or process list', async () => {
  const run = start(space.root, ['exec', 'r', '-i', 'token=secret://db/prod', '--yes'])
  await run.line('use')
  await run.until(() => existsSync(join(space.root, 'here')))
  const processes = allArguments()
  writeFileSync(join(space.root, 'looked'), '')
  const ended = await run.ended
  expect(ended.code, ended.stderr).toBe(0)
  expect(processes).toContain('token=secret://db/prod')
  const shown = await space.runbook(['export', 'last', '--format', 'html'])
  expect(shown.code, shown.stderr).toBe(0)
  const forms = [canary, encodeURIComponent(canary), Buffer.from(canary).toString('base64').slice(0, 30)]
  for (const text of [processes, ended.stdout, ended.stderr, shown.stdout, allRecords()])
    for (const form of forms) expect(text).not.toContain(form)
})

test.each([
  ['a file whose path follows the reference', 'secret://db/prod', {}, canary.length],
  ['an environment variable', 'secret://api/key', { API_KEY: 'from-the-environment' }, 20],
  ['a command', 'secret://vault/key', {}, canary.length],
])('a secret comes from %s, and again when the run is resumed', async (_, reference, env, length) => {
  const given = ['-i', `token=${reference}`]
  writeFileSync(join(space.root, 'go'), '')
  execFileSync('rm', [join(space.root, 'go')])
  const failed = await space.runbook(['exec', 'measure', ...given, '--yes', '--no-input'], env)
  expect(failed.code, failed.stderr).toBe(1)
  writeFileSync(join(space.root, 'go'), '')
  const ran = await space.runbook(['resume', 'last', ...given, '--yes', '--no-input'], env)
  expect(ran.code, ran.stderr).toBe(0)
  const log = await space.runbook(['log', 'last', '--json'])
  expect(log.stdout).toContain(`"length":"${length}"`)
})

test.each([
  ['secret://db/nowhere', 'the file kept/nowhere gives ENOENT'],
  ['secret://api/kee', 'Did you mean `secret://api/key`?'],
  ['secret://api/key', 'the environment variable API_KEY is not set'],
  ['secret://vault/broken', '`./vault` ended with 3'],
])('%s, which cannot be read, ends before the first step: %s', async (reference, why) => {
  const runs = (await space.runbook(['runs', '--json'])).stdout
  const ran = await space.runbook(['exec', 'measure', '-i', `token=${reference}`, '--yes'])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toContain(why)
  expect(ran.stderr).not.toContain(canary)
  expect((await space.runbook(['runs', '--json'])).stdout).toBe(runs)
})

test('a value as an argument is still refused', async () => {
  const ran = await space.runbook(['exec', 'measure', '-i', `token=${canary}`, '--yes'])
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('secret://') })
})

test('a secret of 91 days is overdue after 90, and its change is written beside its comment', async () => {
  const due = (now: string): ReturnType<typeof space.runbook> =>
    space.runbook(['secrets', 'due', '--name', 'db/{place}', '--now', now])
  expect((await due('2026-11-29')).code).toBe(0)
  expect(await due('2026-11-30')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^OVERDUE .* 91 days/),
  })
  const recorded = await space.runbook(['secrets', 'record', 'db/{place}', '--on', '2026-11-30'])
  expect(recorded.code, recorded.stderr).toBe(0)
  expect((await due('2026-11-30')).code).toBe(0)
  expect(readFileSync(join(space.root, 'content/secrets.yaml'), 'utf8')).toContain('# the database')
})
