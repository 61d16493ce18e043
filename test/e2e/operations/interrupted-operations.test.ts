import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testInNode } from '../../support/in-node.ts'
import { start } from '../../support/live.ts'
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

/** Has a signal come while a file is written whose name contains a text. */
function signalAt(call: string, name: string): Record<string, string> {
  const code = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module'; const own = fs.${call}
    fs.${call} = (...args) => { own(...args); if (args.join().includes('${name}')) process.kill(process.pid, 'SIGINT') }
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
  await expect.poll(() => existsSync(began), { timeout: 30_000 }).toBe(true)
  const hanging = Number(readFileSync(began, 'utf8'))
  live.child.kill('SIGINT')
  expect(await live.ended).toMatchObject({ code: 130, stdout: '' })
  await expect.poll(() => isRunning(hanging), { timeout: 30_000 }).toBe(false)
  expect(readdirSync(join(space.root, 'tmp'))).toEqual([])
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
