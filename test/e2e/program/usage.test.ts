import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runIds } from '../../support/attack/attack.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'
import type { Ran, Workspace } from '../../support/workspace.ts'

const one = page(commandStep('one', 'touch ran'), 'inputs:\n  version: { type: semver }\n')

test.for([
  ['an unknown command', ['exce', 'one'], 'Unexpected command `exce`', 'Did you mean `runbook exec`?'],
  [
    'an unknown flag',
    ['exec', 'one', '--dry-rnu'],
    'Unexpected flag `--dry-rnu`',
    'Did you mean `--dry-run`?',
  ],
  ['a runbook of a folder', ['exec', 'quick'], 'There is no runbook `quick`', 'Did you mean `demo/quick`?'],
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
    using space = workspace({ 'content/runbooks/one.mdx': one, 'content/runbooks/demo/quick.mdx': one })
    const ran = await space.runbook([...args])
    check(ran.code).toBe(2)
    check(ran.stderr).toContain(message)
    check(ran.stderr).toContain(hint)
    check(ran.stderr).not.toContain('    at ')
    check(ran.stdout).toBe('')
    check(runIds(space.root)).toEqual([])
  },
)

const wrong = [
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
] as const

describe('a wrong document', () => {
  let space: Workspace
  let checked: Ran

  beforeAll(async () => {
    const files = wrong.map(([, text], at) => [`content/runbooks/bad-${at}.mdx`, text] as const)
    space = workspace(Object.fromEntries(files))
    checked = await space.runbook(['check'])
  })
  afterAll(() => space?.[Symbol.dispose]())

  test.for(wrong)(
    '%s is refused with exit code 3, its place and a code, and nothing runs',
    async (document, { expect: check }) => {
      const [, , line, code] = document
      const name = `bad-${wrong.indexOf(document)}`
      for (const ran of [checked, await space.runbook(['exec', name, '--yes'])]) {
        check(ran.code).toBe(3)
        const said = (ran.stdout + ran.stderr).split(/^(?=content)/m)
        const finding = new RegExp(`^content/runbooks/${name}\\.mdx:${line}:\\d+: error: .* \\[${code}\\]`)
        check(said.find((part) => finding.test(part))).toContain('hint: ')
        check(ran.stderr).not.toContain('    at ')
      }
      check(runIds(space.root)).toEqual([])
    },
  )
})

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

test('a secret is never an argument, by whatever name, also when a run is resumed', async () => {
  using space = workspace({ 'content/runbooks/s.mdx': secret, token: 'sesame-open' })
  const started = await space.runbook(['exec', 's', '--yes', '-i', 'TOKEN=sesame-open'])
  expect([started.code, started.stderr]).toEqual([2, expect.stringContaining('where others can see it')])
  expect((await space.runbook(['exec', 's', '--yes', '-i', 'token=@token'])).code).toBe(1)
  for (const command of [
    ['resume', 'last'],
    ['rollback', 'last', '--yes'],
    ['abandon', 'last', '--reason', 'x'],
  ]) {
    const ran = await space.runbook([...command, '-i', 'token=sesame-open'])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('where others can see it')])
  }
  const other = await space.runbook(['resume', 'last', '-i', 'token=@token', '-i', 'speed=1'])
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('Unexpected input `speed`')])
})

test.for([
  [
    'a key that is not there',
    ['close', 'last', '--yes'],
    { RUNBOOK_SIGNING_KEY: 'nowhere' },
    {},
    'did not sign',
  ],
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
  [
    'a key that is none',
    ['export', 'last', '--format', 'intoto', '--key', 'one'],
    {},
    {},
    'not an ed25519 key',
  ],
  ['a shell there is not', ['completion', 'constructor'], {}, {}, 'Expected one of bash, zsh, fish'],
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

test('`help` before a command is the help of that command', async () => {
  using space = workspace({})
  for (const name of ['exec', 'alerts check'])
    expect(await space.runbook(['help', ...name.split(' ')])).toEqual(
      await space.runbook([...name.split(' '), '--help']),
    )
  expect((await space.runbook(['help', 'exce'])).stderr).toContain('Did you mean `runbook exec`?')
})

test('started by npx, it proposes commands that npx finds', async () => {
  using space = workspace({ 'content/runbooks/bad.mdx': page(commandStep('one', 'false')) })
  const npx = { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'runbook'" }
  const failed = await space.runbook(['exec', 'bad', '--yes'], npx)
  expect(failed.stderr).toContain('Go on with: npx runbook resume 2')
  expect(failed.stderr).toContain('log      npx runbook log 2')
  expect((await space.runbook(['exec', 'bda'], npx)).stderr).toContain('hint: Did you mean `bad`?')
  expect((await space.runbook(['log', 'nothing'], npx)).stderr).toContain('See `npx runbook runs`')
})

test('the log of a step that the run has not is refused, and of one it did not come to says so', async () => {
  const steps = commandStep('one', 'false') + commandStep('two', 'true')
  using space = workspace({ 'content/runbooks/bad.mdx': page(steps) })
  await space.runbook(['exec', 'bad', '--yes'])
  const lines = (await space.runbook(['log', 'last'])).stdout.split('\n')
  expect(lines.filter((line) => line.includes('alice@example.com'))).toEqual([
    expect.stringContaining('  by alice'),
  ])
  expect(lines).toContainEqual(
    expect.stringMatching(/ one .*Allowed to run {2}claimed, by an option of the command$/),
  )
  expect((await space.runbook(['log', 'last', 'one'])).stdout).toContain(
    'Allowed to run  alice@example.com, claimed, by an option of the command',
  )
  const unknown = await space.runbook(['log', 'last', 'tow'])
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  expect(unknown.stderr).toContain('Did you mean `two`?')
  expect((await space.runbook(['log', 'last', 'two'])).stderr).toContain('the run did not reach it')
})

test.runIf(hasTerminal)('what is kept in a file from a terminal has no colors', () => {
  using space = workspace({ 'content/runbooks/bad.mdx': page(commandStep('one', 'true'), 'titel: x\n') })
  const env = { PATH: process.env['PATH'], HOME: space.root, TERM: 'xterm-256color' }
  const on = (command: string): string =>
    execFileSync('script', ['-qec', command, '/dev/null'], { cwd: space.root, env, encoding: 'utf8' })
  const program = `'${process.execPath}' '${binary}' list`
  expect(on(program)).toContain('\u001b[')
  on(`${program} > kept.txt`)
  expect(readFileSync(join(space.root, 'kept.txt'), 'utf8')).toContain('has errors')
  expect(readFileSync(join(space.root, 'kept.txt'), 'utf8')).not.toContain('\u001b')
})

test.for([
  ['res', 'resume', 'runs'],
  ['alerts ch', 'check', 'links'],
  ['exec o', 'one', 'runbooks'],
  ['check --format s', 'sarif', 'text'],
  ['new in', 'incident', 'release'],
  ['export --fo', '--format', '--key'],
  ['exec --answers an', '', 'one'],
] as const)('bash completes `runbook %s`', ([typed, wanted, not], { expect: check }) => {
  using space = workspace({ 'content/runbooks/one.mdx': one, 'answers.yaml': '' })
  const words = ['runbook', ...typed.split(' ')]
  const script = `
    runbook() { '${process.execPath}' '${binary}' "$@"; }
    source <(runbook completion bash)
    COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _runbook
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const lines = execFileSync('bash', ['-c', script], { cwd: space.root, encoding: 'utf8' }).split('\n')
  check(lines).toContain(wanted)
  check(lines).not.toContain(not)
})

test('a key that is none is refused, and the command a bundle proposes holds as it stands', async () => {
  using space = workspace({
    'content/runbooks/one.mdx': page(commandStep('one', 'true')),
    'no.pem': 'no key',
  })
  await space.runbook(['exec', 'one', '--yes'])
  for (const [key, said] of [
    ['no.pem', 'is not an ed25519 key'],
    ['nowhere.pem', 'nowhere.pem failed: ENOENT: no such file or directory\n'],
  ] as const) {
    const refused = await space.runbook(['export', 'last', '--format', 'intoto', '--key', key])
    expect(refused.stderr).toContain(said)
    expect(refused.stderr).not.toContain('    at ')
  }
  const made = await space.runbook(['export', 'last', '-o', 'bundle'])
  const proposed = made.stdout.split('check it with: ')[1] ?? ''
  expect(execFileSync('sh', ['-c', proposed], { cwd: space.root, encoding: 'utf8' })).toContain('INTACT')
})

test('a step that failed shows its text, which says what to do', async () => {
  const text =
    '<Check id="one" title="One">\n\nIf it fails, make the folder.\n\n```bash\nfalse\n```\n\n</Check>\n'
  using space = workspace({ 'content/runbooks/one.mdx': page(text) })
  expect((await space.runbook(['exec', 'one'])).stderr).toMatch(/✗ one .*\n +If it fails, make the folder\./)
})

test.runIf(hasTerminal)(
  'a person is told what a step is before they are asked, and their time is not its',
  async () => {
    using space = workspace({ 'content/runbooks/one.mdx': page(commandStep('one', 'true')) })
    const terminal = onTerminal(space.root, ['exec', 'one'])
    await terminal.sees('Step one')
    await terminal.sees('Run one?')
    terminal.type(keys.down + keys.enter)
    const { code, screen } = await terminal.ended
    expect(code).toBe(0)
    expect(screen.split('Step one')).toHaveLength(2)
  },
)

test('alerts check tells a folder without rules from one that is not there, from a configuration of Alertmanager and from other formats', async () => {
  using space = workspace({
    'content/runbooks/one.mdx': one,
    'empty/note.txt': '',
    'routes.yml': 'route:\n  receiver: a\nreceivers:\n  - name: a\n',
    'cpu.tf': 'resource "datadog_monitor" "cpu" {\n}\n',
  })
  expect(await space.runbook(['alerts', 'check', 'cpu.tf', '--no-promtool'])).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/^cpu\.tf:1:1: error: .* Datadog, which is not read .* `message` of each/),
  })
  const routes = await space.runbook(['alerts', 'check', 'routes.yml'])
  expect([routes.code, routes.stderr]).toEqual([2, expect.stringContaining('give it with --alertmanager')])
  expect((await space.runbook(['alerts', 'check', 'empty'])).stdout).toContain('no rule file in this folder')
  expect((await space.runbook(['alerts', 'check', 'nowhere'])).stdout).toContain('There is no such file')
})

test.for([
  ['export default { content: 5 \n', 'runbook.config.ts cannot be loaded: '],
  ['export default { contents: "x" }\n', 'runbook.config.ts: Unrecognized key: "contents"'],
] as const)(
  'a configuration that is none is refused in a sentence: %s',
  async ([text, said], { expect: check }) => {
    using space = workspace({ 'runbook.config.ts': text })
    const ran = await space.runbook(['list'])
    check(ran).toMatchObject({ code: 2, stdout: '' })
    check(ran.stderr).toContain(said)
    check(ran.stderr).not.toContain('    at ')
  },
)

test('a state folder that cannot be read is not taken for an empty one', async () => {
  using space = workspace({})
  symlinkSync('.runbook', join(space.root, '.runbook'))
  for (const command of ['runs', 'audit']) {
    const ran = await space.runbook([command])
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toContain('ELOOP')
  }
})

test.runIf(hasTerminal)(
  'who waits for an approval reads its text, and the command that gives it',
  async () => {
    const go =
      '<Approval id="go" title="Go?" approvers="boss@example.com">\n\nLook at it first.\n\n</Approval>\n'
    using space = workspace({ 'content/runbooks/one.mdx': page(go) })
    const terminal = onTerminal(space.root, ['exec', 'one'])
    await terminal.sees('Look at it first.')
    await terminal.sees(/runbook approve 2\S+-one-\w+ go\r\n/)
    terminal.type(keys.interrupt)
    expect((await terminal.ended).code).toBe(130)
  },
)

test.runIf(hasTerminal)('--no-color takes the colors from the questions too', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': page(commandStep('one', 'true')) })
  const terminal = onTerminal(space.root, ['exec', 'one', '--no-color'], { NO_COLOR: '' })
  await terminal.sees('Run one?')
  terminal.type(keys.down + keys.enter)
  expect((await terminal.ended).screen).not.toMatch(/\u001b\[[0-9;]*m/)
})

test('the file of answers in the guide answers what it says', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../content/docs/running.md'), 'utf8')
  const steps = [
    '<Checklist id="ready" title="Ready">\n\n- [ ] a\n- [ ] b\n\n</Checklist>',
    '<Checklist id="announce" title="Announce">\n\n- [ ] a\n- [ ] b\n\n</Checklist>',
    '<Check id="drop" title="Drop" confirm="production">\n\n```bash\ntrue\n```\n\n</Check>',
    '<Ask id="rate" title="Rate" outputs="severity">\n\n```yaml\nseverity: { type: string }\n```\n\n</Ask>',
  ]
  using space = workspace({
    'content/runbooks/one.mdx': page(steps.join('\n\n')),
    'answers.yaml': /```yaml\n(actor: [^]*?)```/.exec(guide)?.[1] ?? '',
  })
  const ran = await space.runbook(['exec', 'one', '--answers', 'answers.yaml'])
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('All 4 steps are done')])
})
