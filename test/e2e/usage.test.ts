import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../support/workspace.ts'

const one = page(commandStep('one', 'touch ran'), 'inputs:\n  version: { type: semver }\n')

test.for([
  ['an unknown command', ['exce', 'one'], 'Unexpected command `exce`', 'Did you mean `runbook exec`?'],
  [
    'an unknown flag',
    ['exec', 'one', '--dry-rnu'],
    'Unexpected flag `--dry-rnu`',
    'Did you mean `--dry-run`?',
  ],
  ['an unknown runbook', ['exec', 'oen'], 'There is no runbook `oen`', 'Did you mean `one`?'],
  ['a missing argument', ['exec'], 'Missing <runbook or link>', 'runbook exec <runbook>'],
  ['an argument too many', ['list', 'all'], 'Unexpected argument `all`', 'runbook list'],
  [
    'an unknown input',
    ['exec', 'one', '-i', 'versoin=1.0.0'],
    'Unexpected input `versoin`',
    'Did you mean `version`?',
  ],
  [
    'an input of the wrong type',
    ['exec', 'one', '-i', 'version=new'],
    'Unexpected value `new`',
    '-i version=',
  ],
  [
    'an input without a value',
    ['exec', 'one', '-i', 'version'],
    'Unexpected input `version`',
    '-i name=value',
  ],
  ['a missing input', ['exec', 'one'], 'Missing input version', '-i version='],
  ['an unknown run', ['log', 'nothing'], 'There is no run `nothing`', 'There are no runs yet'],
] as const)(
  '%s is refused with exit code 2 and a hint, and nothing runs',
  async ([, args, message, hint], { expect: check }) => {
    using space = workspace({ 'content/runbooks/one.mdx': one })
    const ran = await space.runbook([...args])
    check(ran.code).toBe(2)
    check(ran.stderr).toContain(message)
    check(ran.stderr).toContain(hint)
    check(ran.stderr).not.toContain('    at ')
    check(ran.stdout).toBe('')
    check((await space.runbook(['runs', '--json'])).stdout).toBe('[]\n')
  },
)

test.for([
  ['invalid frontmatter', '---\ntitle: [x\n---\n\n# x\n', 3, 'invalid-frontmatter'],
  [
    'a missing title',
    page(commandStep('one', 'true')).replace('title: Test\n', ''),
    1,
    'invalid-frontmatter',
  ],
  ['an unknown field', page(commandStep('one', 'true'), 'titel: x\n'), 3, 'unknown-field'],
  ['an unknown element', page('<Comand id="one" title="x">\n\n</Comand>'), 7, 'unknown-element'],
  ['an unknown attribute', page(commandStep('one', 'true', 'tiemout="1m"')), 7, 'unknown-attribute'],
  ['a duplicate id', page(commandStep('one', 'true') + commandStep('one', 'true')), 14, 'duplicate-id'],
  ['an unclosed tag', page('<Command id="one" title="x">\n\ntext\n'), 7, 'invalid-syntax'],
  ['JavaScript', page(`{process.env.HOME}\n\n${commandStep('one', 'true')}`), 7, 'code-in-document'],
  ['a template in a shell fence', page(commandStep('one', 'echo ${{ inputs.x }}')), 10, 'template-in-shell'],
  ['a document without steps', page('Only text.'), 1, 'no-steps'],
] as const)(
  '%s is refused with exit code 3, its place and a code, and nothing runs',
  async ([, text, line, code], { expect: check }) => {
    using space = workspace({ 'content/runbooks/bad.mdx': text })
    for (const command of ['check', 'exec']) {
      const ran = await space.runbook([command, 'bad', ...(command === 'exec' ? ['--yes'] : [])])
      check(ran.code).toBe(3)
      check(ran.stdout + ran.stderr).toMatch(
        new RegExp(`^content/runbooks/bad\\.mdx:${line}:\\d+: error: .* \\[${code}\\]`, 'm'),
      )
      check(ran.stdout + ran.stderr).toContain('hint: ')
      check(ran.stderr).not.toContain('    at ')
    }
    check((await space.runbook(['runs', '--json'])).stdout).toBe('[]\n')
  },
)

test('help names every command, flag and exit code, and shows examples', async () => {
  using space = workspace({})
  const help = await space.runbook(['--help'])
  expect(help.code).toBe(0)
  for (const word of [
    'list',
    'show',
    'check',
    'plan',
    'exec',
    'runs',
    'log',
    '--json',
    'Exit codes',
    'Examples',
  ]) {
    expect(help.stdout).toContain(word)
  }
  const exec = await space.runbook(['exec', '--help'])
  expect(exec.stdout).toContain('runbook exec [runbook or link]')
  expect(exec.stdout).toContain('runbook exec release-checklist -i version=1.4.0')
})

test('without a command the help is shown, and the exit code says that nothing was done', async () => {
  using space = workspace({})
  const ran = await space.runbook([])
  expect(ran.code).toBe(2)
  expect(ran.stdout).toContain('Usage: runbook')
})

const secret = page(
  commandStep('one', 'test -e go'),
  'inputs:\n  token: { type: secret, aliases: [TOKEN] }\n',
)

test('a secret is no argument, by whatever name, also when a run is taken up', async () => {
  using space = workspace({ 'content/runbooks/s.mdx': secret, token: 'sesame-open' })
  const started = await space.runbook(['exec', 's', '--yes', '-i', 'TOKEN=sesame-open'])
  expect([started.code, started.stderr]).toEqual([2, expect.stringContaining('where others can see it')])
  expect((await space.runbook(['exec', 's', '--yes', '-i', 'token=@token'])).code).toBe(1)
  for (const command of [
    ['resume', 'last'],
    ['rollback', 'last'],
    ['abandon', 'last', '--reason', 'x'],
  ]) {
    const ran = await space.runbook([...command, '-i', 'token=sesame-open'])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('where others can see it')])
  }
  const other = await space.runbook(['resume', 'last', '-i', 'token=@token', '-i', 'speed=1'])
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('Unexpected input `speed`')])
})

test.for([
  ['a key that is not there', ['close', 'last'], { RUNBOOK_SIGNING_KEY: 'nowhere' }, {}, 'did not sign'],
  [
    'a configuration that is no program',
    ['list'],
    {},
    { 'runbook.config.ts': 'export default {' },
    'runbook.config.ts cannot be loaded',
  ],
  [
    'a file of incidents that is no YAML',
    ['stats'],
    {},
    { 'content/status/incidents/a.md': '---\nid: [\n---\n' },
    'a.md: It is not valid YAML',
  ],
  ['a key that is none', ['export', 'last', '--format', 'intoto', '--key', 'one'], {}, {}, 'no ed25519 key'],
  ['a shell there is not', ['completion', 'constructor'], {}, {}, 'Unexpected shell'],
  ['inputs that do not fit', ['doctor', 'one', '-i', 'versoin=1'], {}, {}, 'Unexpected input `versoin`'],
  [
    'inputs no journal could hold',
    ['exec', 'big', '-i', 'note=@long'],
    {},
    {
      'content/runbooks/big.mdx': page(commandStep('one', 'true'), 'inputs:\n  note: { type: text }\n'),
      long: 'x'.repeat(70_000),
    },
    'Unexpected inputs of 7',
  ],
] as const)(
  '%s is said in a sentence, without a trace and never with exit code 0',
  async ([, args, env, files, message], { expect: check }) => {
    using space = workspace({
      'content/runbooks/one.mdx': page(commandStep('one', 'true')),
      one: '',
      ...files,
    })
    if (args.includes('last' as never)) await space.runbook(['exec', 'one', '--yes'])
    const ran = await space.runbook([...args], { ...env, RUNBOOK_ACTOR: 'bob@example.com' })
    check([1, 2]).toContain(ran.code)
    check(ran.stdout + ran.stderr).toContain(message)
    check(ran.stderr).not.toContain('    at ')
  },
)
