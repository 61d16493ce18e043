import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runbook } from '../../../runner/commands/index.ts'
import { commandsOf, hasDryRun } from '../../../runner/kit/command.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const approval = '<Approval id="go" title="Go?" approvers="alice@example.com" />\n'
const rules = 'groups: [{ name: g, rules: [{ alert: Down, expr: up == 0, labels: { severity: page } }] }]\n'
const space = workspace({
  'content/runbooks/good.mdx': page(commandStep('a', 'true')),
  'content/runbooks/drilled.mdx': page(commandStep('a', 'true'), 'drill: { every: 90d }\n'),
  'content/runbooks/bad.mdx': page(commandStep('a', 'false')),
  'content/runbooks/ask.mdx': page(approval, 'selfApproval: true\n'),
  'rules/r.yml': rules,
  'old/notes.md': '# Old\n\n```sh\nls\n```\n',
})
const runs: Record<string, string> = {}

beforeAll(async () => {
  for (const slug of ['good', 'bad', 'ask']) await space.runbook(['exec', slug, '--yes', '--no-input'])
  const listed = JSON.parse((await space.runbook(['runs', '--json'])).stdout) as {
    run: string
    slug: string
  }[]
  for (const { run, slug } of listed) runs[slug] = run
})
afterAll(() => space[Symbol.dispose]())

/** How each command is called, and its exit code where that is not 0. `good`, `bad` and `ask` stand for their runs. */
const calls: Record<string, [line: string, code?: number]> = {
  list: ['list'],
  show: ['show good'],
  check: ['check'],
  plan: ['plan good'],
  doctor: ['doctor good', 1],
  runs: ['runs'],
  log: ['log :good'],
  stats: ['stats'],
  'hub audit': ['hub audit'],
  schedules: ['schedules'],
  verify: ['verify :good'],
  audit: ['audit'],
  require: ['require good', 1],
  schema: ['schema frontmatter'],
  completion: ['completion bash'],
  'alerts links': ['alerts links --base-url https://runbooks.example.com'],
  exec: ['exec good --dry-run'],
  resume: ['resume :bad --dry-run'],
  rollback: ['rollback :bad --dry-run'],
  resolve: ['resolve :bad a --as done --reason x --dry-run', 2],
  abandon: ['abandon :ask --reason x --dry-run'],
  approve: ['approve :ask go --dry-run'],
  reject: ['reject :ask go --reason x --dry-run'],
  close: ['close :good --dry-run'],
  anchor: ['anchor :good --git . --dry-run'],
  export: ['export :good --dry-run'],
  gc: ['gc --dry-run'],
  postmortem: ['postmortem :good --dry-run'],
  request: ['request :ask go --dry-run'],
  answer: ['answer gone.request --dry-run', 2],
  test: ['test', 2],
  drill: ['drill drilled --dry-run'],
  'keys check': ['keys check', 1],
  skills: ['skills --out .agents/skills --dry-run'],
  init: ['init --dry-run'],
  new: ['new blank another --dry-run'],
  import: ['import old --dry-run'],
  order: ['order good --dry-run'],
  orders: ['orders', 2],
  runners: ['runners', 2],
  'fleet approve': ['fleet approve gone --dry-run', 2],
  'fleet stop': ['fleet stop gone --reason x --dry-run', 2],
  'fleet resume': ['fleet resume gone --reason x --dry-run', 2],
  'fleet undo': ['fleet undo gone --reason x --dry-run', 2],
  withdraw: ['withdraw :good --dry-run', 2],
  takeover: ['takeover :good --to a --reason x --dry-run', 2],
  'team migrate': ['team migrate --url postgres://localhost --runner a --dry-run'],
  'team restored': ['team restored --reason x --dry-run', 2],
  'team ship': ['team ship --dry-run', 2],
  'team gc': ['team gc --dry-run', 2],
  'team doctor': ['team doctor', 2],
  'alerts scaffold': ['alerts scaffold rules --dry-run'],
}

const declared = commandsOf(runbook).filter((command) => command.effect === 'read' || hasDryRun(command))

test.each(declared.map(({ name }) => name))('`runbook %s` changes nothing in the workspace', async (name) => {
  const [line, code = 0] = calls[name] ?? ['', -1]
  const before = contents(space.root)
  const args = line.split(' ').map((word) => (word.startsWith(':') ? (runs[word.slice(1)] ?? '') : word))
  const ran = await space.runbook(args)
  expect(ran.code, ran.stderr).toBe(code)
  expect(contents(space.root)).toEqual(before)
})

/** Every file below a folder, with the digest of what it holds. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
  return Object.fromEntries(
    files.map((name) => {
      const path = join(folder, name)
      const digest = statSync(path).isDirectory()
        ? ''
        : createHash('sha256').update(readFileSync(path)).digest('hex')
      return [name, digest]
    }),
  )
}
