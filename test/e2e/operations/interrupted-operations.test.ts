import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testInNode } from '../../support/in-node.ts'
import { start } from '../../support/live.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const rules = `groups:
  - name: shop
    rules:
      - alert: Slow
        expr: up == 0
        annotations: { runbook_url: "https://x.example/runbooks/slow/" }
`

/** Says that a program has begun, and hangs. */
const hangs = 'echo $$ > began.new; mv began.new began; exec sleep 60'

test('an interrupt of alerts check ends promtool, leaves the rules as they were and no file of its own', async () => {
  using space = workspace({
    'content/runbooks/slow.md': '# Slow\n',
    'rules.yml': rules,
    'bin/promtool': `#!/bin/sh\n${hangs}\n`,
  })
  chmodSync(join(space.root, 'bin/promtool'), 0o755)
  await interrupt(space, ['alerts', 'check', 'rules.yml', '--base-url', 'https://x.example'])
  expect(readFileSync(join(space.root, 'rules.yml'), 'utf8')).toBe(rules)
})

test('an interrupt of check ends shellcheck, and leaves no file of its own', async () => {
  using space = workspace({
    'content/runbooks/a.md': '# A\n\n```bash\nif true; then\n  true\nfi\n```\n',
    'bin/shellcheck': `#!/bin/sh\ncd "$(dirname "$0")/.."; ${hangs}\n`,
  })
  chmodSync(join(space.root, 'bin/shellcheck'), 0o755)
  await interrupt(space, ['check'])
})

test('an interrupt of a build of images ends buildah, and leaves neither images nor a file of its own', async () => {
  using space = workspace({
    'shop/package.json': JSON.stringify({ name: 'shop', version: '1.4.0' }),
    'shop/src/index.html': '<p>shop</p>\n',
    'bin/buildah': `#!/bin/sh\ncase "$*" in *from*) ${hangs};; esac\n`,
    'bin/skopeo': '#!/bin/sh\n',
  })
  for (const name of ['buildah', 'skopeo']) chmodSync(join(space.root, 'bin', name), 0o755)
  const git = (...args: string[]): Buffer => execFileSync('git', ['-C', join(space.root, 'shop'), ...args])
  git('init', '-q')
  git('add', '.')
  git('-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '-qm', 'Add a shop')
  const args = ['--version', '1.4.0', '--repository', 'shop', '--out', 'out']
  await interrupt(space, ['images', 'build', ...args])
  expect(existsSync(join(space.root, 'out'))).toBe(false)
})

testInNode(
  'an interrupt of an import is heard between two documents, and says how many are written',
  async () => {
    const names = ['a', 'b', 'c', 'd']
    using space = workspace({
      'content/runbooks/x.md': '# X\n',
      ...Object.fromEntries(names.map((name) => [`docs/${name}.md`, '# A\n\n```sh\ntrue\n```\n'])),
    })
    const env = signalAt('linkSync', 'b.mdx')
    const { code, stdout, stderr } = await space.runbook(['import', 'docs', '--out', 'out'], env)
    expect([code, stdout]).toEqual([130, ''])
    expect(stderr).toContain('of 4 documents written. To go on, import again')
    const results = readdirSync(join(space.root, 'out'))
    expect(results).toEqual(['a.mdx', 'b.mdx'])
  },
)

testInNode.each([
  ['bundle', 'copyFileSync', 'bundle', []],
  ['html', 'writeFileSync', 'report.html', ['report.html']],
])('an interrupt of an export as %s leaves no part of it', async (format, call, output, left) => {
  using space = workspace({
    'content/runbooks/x.mdx': page(['a', 'b', 'c'].map((id) => commandStep(id, `echo ${id}`)).join('')),
  })
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(0)
  const before = readdirSync(space.root)
  const env = signalAt(call, output)
  const ran = await space.runbook(['export', 'last', '--format', format, '--output', output], env)
  expect(ran).toMatchObject({ code: 130, stdout: '' })
  expect(readdirSync(space.root)).toEqual([...before, ...left].toSorted())
})

const scenarios = 'scenarios:\n  - name: All succeeds\n    expect: { ends: succeeded }\n'

testInNode.each([
  ['check', 'content/runbooks/x.mdx', []],
  ['audit', 'run.jsonl', []],
  ['test', 'x.scenarios.yaml', []],
  ['test', 'x.scenarios.yaml', ['--mutate']],
  ['alerts', 'rules.yml', ['check', 'rules.yml', '--base-url', 'https://x.example', '--no-promtool']],
  ['import', 'docs/a.md', ['docs', '--out', 'out']],
])(
  'an interrupt of %s while it reads %s says in one sentence that it ended it',
  async (command, name, args) => {
    using space = workspace({
      'content/runbooks/x.mdx': page(commandStep('a', 'true')),
      'content/runbooks/x.scenarios.yaml': scenarios,
      'docs/a.md': '# A\n\n```sh\ntrue\n```\n',
      'rules.yml': rules,
    })
    for (const run of command === 'audit' ? ['first', 'second'] : [])
      expect((await space.runbook(['exec', 'x', '--yes'])).code, run).toBe(0)
    const ran = await space.runbook([command, ...args], signalAt('openSync', name, 'readFileSync'))
    expect(ran).toMatchObject({ code: 130, stdout: '' })
    expect(ran.stderr).toMatch(/^Interrupted\. .*\n$/)
  },
)

testInNode.each([
  ['check', 'main-', 'SIGINT', 130],
  ['check', 'check-command', 'SIGINT', 130],
  ['new', 'main-', 'SIGHUP', 143],
  ['new', 'new-command', 'SIGTERM', 143],
  ['serve', 'serve-command', 'SIGINT', 130],
])(
  'a signal to %s while its file %s* is loaded says that nothing was changed',
  async (command, file, signal, code) => {
    using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })
    const hook = `import { registerHooks } from 'node:module'
    registerHooks({
      load(url, context, next) {
        if (url.includes('/chunks/${file}')) process.kill(process.pid, '${signal}')
        return next(url, context)
      },
    })`
    const ran = await space.runbook(command === 'new' ? ['new', 'blank', 'y'] : [command], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}`,
    })
    expect(ran).toMatchObject({ code, stdout: '', stderr: 'Interrupted. Nothing was changed.\n' })
    expect(readdirSync(join(space.root, 'content/runbooks'))).toEqual(['x.mdx'])
  },
)

test.skipIf(!hasTerminal)('Ctrl-C takes the line of a long work away before it says so', async () => {
  using space = workspace({
    'content/runbooks/slow.md': '# Slow\n',
    'rules.yml': rules,
    'bin/promtool': `#!/bin/sh\n${hangs}\n`,
  })
  chmodSync(join(space.root, 'bin/promtool'), 0o755)
  const env = { PATH: `${join(space.root, 'bin')}:${process.env['PATH']}` }
  const call = ['alerts', 'check', 'rules.yml', '--base-url', 'https://x.example']
  const { sees, type, ended } = onTerminal(space.root, call, env)
  await sees('Asking promtool')
  await expect.poll(() => existsSync(join(space.root, 'began'))).toBe(true)
  type(keys.interrupt)
  const { code, screen } = await ended
  expect(code).toBe(130)
  const cleared = '\u001B[1G\u001B[0K'
  expect(screen.slice(screen.lastIndexOf(cleared) + cleared.length)).toMatch(/^Interrupted\. [^\r\n]*\r\n$/)
})

/** Has a signal come while a file is read or written whose name contains a text. */
function signalAt(call: string, name: string, ...more: string[]): Record<string, string> {
  const code = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module'
    for (const call of ${JSON.stringify([call, ...more])}) {
      const own = fs[call]
      fs[call] = (...args) => {
        const made = own(...args)
        if (String(args.slice(0, 2)).includes('${name}')) process.kill(process.pid, 'SIGINT')
        return made
      }
    }
    syncBuiltinESMExports()`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
}

/** Interrupts a call while the program that it started hangs: both end, and no temporary file is left. */
async function interrupt(space: Workspace, args: readonly string[]): Promise<void> {
  mkdirSync(join(space.root, 'tmp'))
  const live = start(space.root, args, {
    PATH: `${join(space.root, 'bin')}:${process.env['PATH']}`,
    TMPDIR: join(space.root, 'tmp'),
    NODE_DISABLE_COMPILE_CACHE: '1',
  })
  const began = join(space.root, 'began')
  await expect.poll(() => existsSync(began)).toBe(true)
  const hanging = Number(readFileSync(began, 'utf8'))
  live.child.kill('SIGINT')
  const { code, stdout, stderr } = await live.ended
  expect([code, stdout]).toEqual([130, ''])
  expect(stderr).toMatch(/^Interrupted\. \w[^\n]*\.$/m)
  await expect.poll(() => isRunning(hanging)).toBe(false)
  expect(readdirSync(join(space.root, 'tmp'))).toEqual([])
}

/** Whether a process is there, and is not one that has ended and that the system has yet to remove. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return /^[^Z]/.test(stdout.trim())
}
