import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { programs } from '../../scripts/programs.ts'
import { installCommand, installPages, packTarballs } from '../support/packed.ts'
import type { Tarballs } from '../support/packed.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'runbook-package-'))
/** Somebody else's folder, with the package installed from its tarball and nothing else. */
const home = join(folder, 'home')
const installed = join(home, 'node_modules/runbook')
const program = join(installed, 'dist/package/bin/main.mjs')
let tarballs: Tarballs
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), text)
}

/** It knows nothing of this repository, nor that a test is running. */
const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  RUNBOOK_ACTOR: 'ada@example.com',
  RUNBOOK_SIGNING_KEY: 'none',
}

interface Ran {
  code: number
  out: string
}

/** Runs the installed program in that folder. */
async function runbook(
  args: readonly string[],
  more: Record<string, string> = {},
  node = process.execPath,
): Promise<Ran> {
  try {
    const done = await promisify(execFile)(node, [program, ...args], {
      cwd: home,
      env: { ...environment, ...more },
    })
    return { code: 0, out: done.stdout + done.stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout + stderr }
  }
}

beforeAll(() => {
  tarballs = packTarballs()
  installCommand(tarballs, home)
})

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))

test('the tarball is at most 3.3 MB and 420 files, has no install script and no TypeScript to run', () => {
  expect(statSync(tarballs.command).size).toBeLessThan(3_300_000)
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >
  expect(manifest).not.toHaveProperty('scripts')
  expect(manifest).not.toHaveProperty('dependencies')
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
  // An installation takes more than a millisecond for each.
  expect(files.length).toBeLessThan(420)
  expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([])
})

test('the command needs three packages at most and 12 MB, and names everything that is inside', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    optionalDependencies: object
  }
  // Without its optional terminal, which is a package for every system and one for this.
  expect(Object.keys(manifest.optionalDependencies)).toEqual(['@lydell/node-pty'])
  expect(readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['runbook'])
  const sizes = readdirSync(installed, { recursive: true, encoding: 'utf8' }).map(
    (name) => statSync(join(installed, name)).size,
  )
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(12_000_000)
  const made = join(installed, 'dist/package')
  const licenses = readFileSync(join(made, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
  const { components } = JSON.parse(readFileSync(join(made, 'sbom.cdx.json'), 'utf8')) as {
    components: { name: string; version: string; purl: string }[]
  }
  expect(components.length).toBeGreaterThan(50)
  for (const { name, version } of components) expect(licenses).toContain(`\n\n${name} ${version}\n`)
  expect(components.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['zod', 'yaml', 'hono', 'nodemailer', '@redis/client', '@openfeature/flagd-core']),
  )
  expect(licenses).toMatch(/permission is hereby granted/i)
})

test('what the README leads to is in the package', () => {
  const links = readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)
  const paths = [...links].map(([, path]) => path ?? '')
  expect(paths.length).toBeGreaterThan(5)
  expect(paths.filter((path) => !existsSync(join(installed, path)))).toEqual([])
})

test('the pages name every package that an installation of them brings, with its license', () => {
  const read = (file: string): string =>
    execFileSync('tar', ['-xzOf', tarballs.pages, `package/${file}`], { encoding: 'utf8' })
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  const { components } = JSON.parse(read('sbom.cdx.json')) as {
    components: { name: string; version: string }[]
  }
  const licenses = read('THIRD-PARTY-LICENSES.txt')
  // Also what its dependencies need, for each system.
  for (const name of [...Object.keys(dependencies), 'vite', '@esbuild/win32-x64'])
    expect(components.map((one) => one.name)).toContain(name)
  for (const { name, version } of components) expect(licenses).toContain(`\n\n${name} ${version}\n`)
})

test('in an empty folder a first runbook is written, checked, run, read and verified', async () => {
  expect(await runbook(['list'])).toEqual({ code: 0, out: expect.stringContaining('There are no runbooks') })
  const steps: [string[], string][] = [
    [['new', 'blank', 'hello'], 'content/runbooks/hello.mdx'],
    [['list'], 'hello'],
    [['check'], '1 runbook checked: 0 errors'],
    [['show', 'hello'], 'command'],
  ]
  for (const [args, said] of steps)
    expect(await runbook(args), args.join(' ')).toEqual({ code: 0, out: expect.stringContaining(said) })
  write('content/runbooks/greet.mdx', greeting)
  for (const [args, said] of [
    [['plan', 'greet'], 'Say hello'],
    [['exec', 'greet', '--yes'], 'Done.'],
    [['runs'], 'succeeded'],
    [['log', 'last'], 'hello, ada'],
    [['verify', 'last'], 'chain'],
    [['completion', 'bash'], 'complete -o default -F _runbook runbook'],
    [['completion', 'runbooks'], 'greet'],
  ] as const)
    expect(await runbook(args), args.join(' ')).toEqual({ code: 0, out: expect.stringContaining(said) })
})

test('every operation is a command of the installed program, with help, completion and failures in a sentence', async () => {
  for (const { name, summary } of programs) {
    const help = await runbook([name, '--help'])
    expect(help, name).toEqual({ code: 0, out: expect.stringContaining(`runbook ${name}: ${summary}`) })
  }
  const script = (await runbook(['completion', 'bash'])).out
  for (const words of ["'flags list')", "'traffic set')", "'smoke')"]) expect(script).toContain(words)
  expect((await runbook(['presets', 'show', '--preset', 'lab', '--json'])).out).toContain('"max_errors":"1%"')
  const unreachable = await runbook(['traffic', 'live', '--lab', 'http://127.0.0.1:9'])
  expect(unreachable.code).toBe(1)
  expect(unreachable.out).toMatch(/^error: The lab does not answer.*\n {2}hint: Start it with/)
})

const greeting = `---
title: Greet
---

## Greet

<Command id="say" title="Say hello">

\`\`\`bash
echo hello, ada
\`\`\`

</Command>
`

/** A newer Node than ours, where the machine has one. */
const newer = process.env['RUNBOOK_NEWER_NODE'] ?? ''

test.runIf(newer !== '')('the newest Node runs it too', async () => {
  const version = spawnSync(newer, ['--version'], { encoding: 'utf8' }).stdout
  expect(Number(/^v(\d+)/.exec(version)?.[1])).toBeGreaterThan(24)
  const there = { RUNBOOK_CONTENT: join(home, 'newer'), RUNBOOK_STATE: join(home, 'newer-state') }
  write('newer/greet.mdx', greeting)
  write('newer/restart.md', '# Restart\n\n## Look at it\n\n```bash\necho it is up\n```\n')
  for (const [args, said] of [
    [['check'], '2 runbooks checked: 0 errors'],
    [['exec', 'restart', '--yes'], 'Done.'],
    [['exec', 'greet', '--yes'], 'Done.'],
    [['log', 'last'], 'hello, ada'],
    [['verify', 'last'], 'chain'],
    [['runs'], 'succeeded'],
  ] as const)
    expect(await runbook(args, there, newer), args.join(' ')).toEqual({
      code: 0,
      out: expect.stringContaining(said),
    })
})

test('a program asks for its flags with the client of the package, with types, and is told which package is missing', async () => {
  const library = `import { openFlags } from 'runbook/flags'
const [file, provider] = process.argv.slice(2)
const settings = provider === 'launchdarkly' ? { provider, sdkKey: 'x' } as const : { provider: 'flagd', file: String(file) } as const
const flags = await openFlags(settings)
const theme: 'light' | 'dark' = await flags.variant('ui_theme', { targetingKey: 'u' }, ['light', 'dark'], 'light')
console.log(theme, await flags.isEnabled('ui_none', { targetingKey: 'u' }))
await flags.close()
`
  write('flags/lab.flagd.json', '{"flags":{}}')
  const created = ['flags', 'create', '--key', 'ui_theme', '--owner', 'web', '--values', 'text']
  const variants = ['--variant', 'light=light', '--variant', 'dark=dark', '--on']
  expect((await runbook([...created, ...variants])).code).toBe(0)
  write('shop/shop.mts', library)
  const shop = (provider: string): Ran => {
    const args = [join(home, 'shop/shop.mts'), join(home, 'flags/lab.flagd.json'), provider]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: environment,
    })
    return { code: status ?? -1, out: stdout + stderr }
  }
  expect(shop('flagd')).toEqual({
    code: 1,
    out: expect.stringContaining('npm install @openfeature/server-sdk'),
  })
  const scope = join(home, 'node_modules/@openfeature')
  mkdirSync(scope)
  for (const one of ['core', 'server-sdk'])
    cpSync(join(repository, 'node_modules/@openfeature', one), join(scope, one), { recursive: true })
  expect(shop('flagd')).toEqual({ code: 0, out: 'dark false\n' })
  expect(shop('launchdarkly')).toEqual({
    code: 1,
    out: expect.stringContaining('npm install @launchdarkly/node-server-sdk'),
  })
  const compiler = join(repository, 'node_modules/typescript/bin/tsc')
  const how = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--ignoreConfig']
  const types = ['--types', 'node', '--typeRoots', join(repository, 'node_modules/@types')]
  const checked = spawnSync(process.execPath, [compiler, ...how, ...types, 'shop/shop.mts'], {
    cwd: home,
    encoding: 'utf8',
  })
  expect(checked.stdout).toBe('')
})

test('a folder of Markdown runbooks works unchanged, and imports', async () => {
  write('ops/restart.md', '# Restart\n\n## Look at it\n\n```bash\necho it is up\n```\n')
  const there = { RUNBOOK_CONTENT: join(home, 'ops') }
  expect((await runbook(['check'], there)).out).toContain('0 errors')
  expect(await runbook(['exec', 'restart', '--yes'], there)).toEqual({
    code: 0,
    out: expect.stringContaining('Done.'),
  })
  expect((await runbook(['log', 'last'], there)).out).toContain('it is up')
  const imported = await runbook(['import', 'ops/restart.md'])
  expect(imported.code, imported.out).toBe(0)
  write('rules.yml', rules)
  const checked = await runbook([
    'alerts',
    'check',
    'rules.yml',
    '--base-url',
    'https://runbooks.example.com',
  ])
  expect(checked, checked.out).toEqual({ code: 1, out: expect.stringContaining('AL') })
})

const rules = `groups:
  - name: x
    rules:
      - alert: Down
        expr: up == 0
        annotations:
          runbook_url: https://runbooks.example.com/runbooks/nowhere/
`

test('a step kind of one’s own has types, is checked, runs, and its mistakes have a place', async () => {
  for (const name of ['zod', '@types', 'undici-types'])
    symlinkSync(join(repository, 'node_modules', name), join(home, 'node_modules', name))
  const example = /```ts runbook\.config\.ts\n([\s\S]*?)```/.exec(
    readFileSync(join(repository, 'content/docs/extending.md'), 'utf8'),
  )?.[1]
  write('runbook.config.ts', example ?? '')
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: [] },
      include: ['runbook.config.ts'],
    }),
  )
  const types = spawnSync(
    process.execPath,
    [join(repository, 'node_modules/typescript/bin/tsc'), '--project', home],
    { cwd: home, encoding: 'utf8' },
  )
  expect(types.stdout).toBe('')
  write('content/runbooks/own.mdx', own('service="storefront"'))
  expect((await runbook(['check', 'own'])).out).toContain('0 errors')
  expect(await runbook(['exec', 'own', '--yes'])).toEqual({
    code: 0,
    out: expect.stringContaining('would page storefront'),
  })
  write('content/runbooks/own.mdx', own('servcie="storefront"'))
  const refused = await runbook(['exec', 'own', '--yes'])
  expect(refused).toEqual({ code: 3, out: expect.stringContaining('content/runbooks/own.mdx:7:') })
  rmSync(join(home, 'runbook.config.ts'))
  expect((await runbook(['check', 'own'])).out).toContain('Page')
  rmSync(join(home, 'content/runbooks/own.mdx'))
})

const own = (attributes: string): string => `---
title: Own
---

## One

<Page id="call" title="Call the people on duty" ${attributes} />
`

test('the pages of somebody else’s folder are built without a copy of ours', async () => {
  expect(await runbook(['site', 'build'])).toEqual({
    code: 1,
    out: expect.stringMatching(/runbook-pages, which is not installed\n.*npm install runbook-pages@\d/),
  })
  installPages(tarballs, home)
  write('content/runbooks/greet.mdx', greeting)
  expect((await runbook(['exec', 'greet', '--yes'])).code).toBe(0)
  write('content/docs/mine.md', '# Mine\n\nSee [writing](./mine.md).\n')
  write('content/docs/hosting.md', '# Hosting\n\nOur own hosting.\n')
  const built = await runbook(['site', 'build', '--out', 'pages'])
  expect(built.code, built.out).toBe(0)
  expect(readFileSync(join(home, 'pages/runbooks/greet/index.html'), 'utf8')).toMatch(/ id="?say"?[ >]/)
  expect(readdirSync(join(home, 'pages/runs')).length).toBeGreaterThan(1)
  // The guide is there, without the pages for those who work on this repository, and with the workspace's own.
  const guide = readdirSync(join(home, 'pages/docs'))
  expect(guide).toEqual(expect.arrayContaining(['writing', 'running', 'cli', 'programs', 'mine', 'kinds']))
  for (const name of ['design', 'performance', 'decisions']) expect(guide).not.toContain(name)
  const docs = readFileSync(join(home, 'pages/docs/index.html'), 'utf8')
  for (const word of ['docs/getting-started/', 'docs/mine/']) expect(docs).toContain(word)
  expect(readFileSync(join(home, 'pages/docs/hosting/index.html'), 'utf8')).toContain('Our own hosting')
  const pages = join(home, 'node_modules/runbook-pages/package.json')
  const manifest = readFileSync(pages, 'utf8')
  writeFileSync(pages, manifest.replace(/"version": ".*"/, '"version": "9.9.9"'))
  expect(await runbook(['site', 'build'])).toEqual({
    code: 1,
    out: expect.stringMatching(/runbook-pages is 9\.9\.9, and runbook is .*\n.*npm install runbook-pages@\d/),
  })
  writeFileSync(pages, manifest)
  write('content/runbooks/broken.mdx', greeting.replace('id="say"', 'id="say" spoken="loud"'))
  expect(await runbook(['site', 'build', '--out', 'again'])).toEqual({
    code: 1,
    out: expect.stringContaining('content/runbooks/broken.mdx:7'),
  })
})

test('the next build renders the guide again only where it may lead elsewhere', async () => {
  const running = (): string => readFileSync(join(home, 'pages/docs/running/index.html'), 'utf8')
  const build = async (): Promise<void> => {
    const built = await runbook(['site', 'build', '--out', 'pages'])
    expect(built.code, built.out).toBe(0)
  }
  rmSync(join(home, 'content/runbooks/broken.mdx'))
  const kept = join(home, 'dist/site-cache/data-store.json')
  const text = readFileSync(kept, 'utf8')
  writeFileSync(kept, text.replace('The screen', 'As it was rendered before'))
  await build()
  expect(running()).toContain('As it was rendered before')
  write('content/runbooks/second.mdx', greeting)
  await build()
  expect(running()).toContain('The screen')
  expect(running()).not.toContain('As it was rendered before')
  rmSync(join(home, 'content/runbooks/second.mdx'))
})

test.skipIf(!existsSync('/dev/shm'))(
  'the pages are built onto another file system too, and without the guide',
  async () => {
    write('content/runbooks/broken.mdx', greeting)
    write('runbook.config.ts', 'export default { guide: false }\n')
    const other = mkdtempSync('/dev/shm/runbook-pages-')
    try {
      const built = await runbook(['site', 'build', '--json', '--out', join(other, 'site')])
      expect(built).toEqual({ code: 0, out: `${JSON.stringify({ out: join(other, 'site') })}\n` })
      const docs = readdirSync(join(other, 'site/docs'))
      expect(docs).toEqual(expect.arrayContaining(['errors', 'kinds', 'mine', 'hosting']))
      expect(docs).not.toContain('writing')
      expect(readdirSync(other)).toEqual(['site'])
      expect(readdirSync(join(other, 'site'))).toEqual(
        expect.arrayContaining(['_astro', '_headers', 'index.html']),
      )
      expect(existsSync(join(home, '.astro/site'))).toBe(false)
    } finally {
      rmSync(other, { recursive: true, force: true })
      rmSync(join(home, 'runbook.config.ts'))
    }
  },
  240_000,
)

test('the pages are shown while they are written, on loopback, until they are stopped', async () => {
  rmSync(join(home, 'content/runbooks/broken.mdx'), { force: true })
  write('content/runbooks/greet.mdx', greeting)
  const port = await anotherPort(0, 0, [])
  const server = spawn(process.execPath, [program, 'site', 'dev', '--port', String(port)], {
    cwd: home,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void server.kill('SIGKILL'))
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (bytes) => (said += String(bytes)))
  const shows = async (text: string): Promise<string> => {
    const shown = await waitFor(async () => {
      const page = await fetch(`http://127.0.0.1:${port}/runbooks/greet/`).then(
        (answer) => answer.text(),
        () => '',
      )
      return page.includes(text) ? text : undefined
    }, 60_000)
    return shown ?? said
  }
  expect(await shows('Say hello')).toBe('Say hello')
  write('content/runbooks/greet.mdx', greeting.replace('Say hello', 'Say good evening'))
  expect(await shows('Say good evening')).toBe('Say good evening')
  server.kill('SIGINT')
  expect(await new Promise((ended) => server.once('exit', ended))).toBe(0)
})
