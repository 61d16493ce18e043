import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
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
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { leftOutside } from '../../scripts/package.ts'
import { makeBinary } from '../../scripts/programs/single-file/make-binary.ts'
import type { Binary } from '../../scripts/programs/single-file/make-binary.ts'
import { makeSystemPackages } from '../../scripts/programs/single-file/system-packages.ts'
import { commandStep, page, workspace } from '../support/workspace.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'single-file-'))
/** The programs of the system without Node. */
const bare = join(folder, 'bare')
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

let binary: Binary
let second: Binary
/** All that the console got while the file was made. */
const printed: unknown[] = []

/** Builds the file from a clone of the repository in a folder of its own. */
async function built(name: string): Promise<Binary> {
  const clone = join(folder, name, 'repository')
  execFileSync('git', ['clone', '-q', '--shared', repository, clone])
  symlinkSync(join(repository, 'node_modules'), join(clone, 'node_modules'))
  return makeBinary(clone, join(folder, name, 'out'), leftOutside)
}

beforeAll(async () => {
  const spies = [vi.spyOn(console, 'log'), vi.spyOn(console, 'warn')]
  binary = await built('one')
  printed.push(...spies.flatMap(({ mock }) => mock.calls))
  second = await built('another-folder')
  mkdirSync(bare)
  for (const name of readdirSync('/usr/bin'))
    if (!/^(node|nodejs|npm|npx|runbook)$/.test(name)) symlinkSync(join('/usr/bin', name), join(bare, name))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Calls the file on a machine without Node and with an empty environment. */
function call(cwd: string, args: readonly string[], more: Record<string, string> = {}) {
  const env = { PATH: bare, HOME: join(folder, 'home'), RUNBOOK_ACTOR: 'alice@example.com', ...more }
  return spawnSync(binary.file, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

test('to make the file prints nothing over the line that shows the stage', () => {
  expect(printed).toEqual([])
})

test('two clones in two folders give the same bytes, within the limit of size', () => {
  expect(sha256(second.file)).toBe(sha256(binary.file))
  expect(statSync(binary.file).size).toBeLessThan(125_000_000)
})

test('without Node on the machine it runs runbooks, a terminal, a typed configuration and itself in a step', () => {
  using space = workspace({
    'runbook.config.ts': `import { defineConfig } from 'runbook'\nconst state: string = '.state'\nexport default defineConfig({ state })\n`,
    'content/runbooks/a.mdx': page(
      commandStep('one', 'runbook --version > version') +
        commandStep('two', 'test -t 1 && tty > terminal', 'tty') +
        commandStep('three', '! command -v node'),
    ),
  })
  const { status, stderr } = call(space.root, ['exec', 'a', '--yes'])
  expect(status, stderr).toBe(0)
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string
  }
  expect(readFileSync(join(space.root, 'version'), 'utf8')).toBe(`${version}\n`)
  expect(readFileSync(join(space.root, 'terminal'), 'utf8')).toMatch(/^\/dev\/pts\//)
  expect(existsSync(join(space.root, '.state'))).toBe(true)
  for (const args of [
    ['verify', 'last'],
    ['export', 'last', '-o', 'bundle'],
    ['check'],
    ['new', 'blank', 'b'],
    ['doctor', 'a'],
  ])
    expect(call(space.root, args), args.join(' ')).toMatchObject({ status: 0 })
  expect(spawnSync('sh', ['bundle/verify.sh', 'bundle'], { cwd: space.root }).status).toBe(0)
})

test('the licenses and the list of contents name every package inside, and Node', () => {
  const { components } = binary.contents as { components: { name: string; version: string }[] }
  expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(['zod', 'nodemailer', 'node']))
  for (const { name, version } of components)
    expect(binary.licenses).toContain(`\n\n${name === 'node' ? 'Node.js' : name} ${version}\n`)
})

test('commands of the site say which package to install', () => {
  const { status, stderr } = call(folder, ['site', 'build'])
  expect(status).toBe(1)
  expect(stderr).toContain('npm install runbook@')
  expect(stderr).toContain('npx runbook site build')
  expect(call(folder, ['lab'])).toMatchObject({ status: 1 })
  expect(call(folder, ['release', '--help'])).toMatchObject({ status: 0 })
})

test('a person who types the flag of the shim gets a usage error, and NODE_OPTIONS puts no code into it', () => {
  expect(call(folder, ['--shim'])).toMatchObject({ status: 2 })
  const code = `data:text/javascript,${encodeURIComponent('console.log("injected")')}`
  expect(call(folder, ['--version'], { NODE_OPTIONS: `--import=${code}` }).stdout).not.toContain('injected')
})

/** The content of a package; its program is a script that calls the file, which takes no time to compress. */
async function systemPackages(): Promise<{ tree: string; deb: string; rpm: string }> {
  const stand = join(folder, 'stand')
  writeFileSync(stand, `#!/bin/sh\nexec '${binary.file}' "$@"\n`)
  chmodSync(stand, 0o755)
  const out = join(folder, 'packages')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out)
  const made = {
    root: repository,
    binary: { ...binary, file: stand },
    version: '1.2.3-rc.1',
    time: 1_764_000_000,
    out,
  }
  const [deb = '', rpm = ''] = await makeSystemPackages(made)
  const digests = [sha256(deb), sha256(rpm)]
  await makeSystemPackages(made)
  expect([sha256(deb), sha256(rpm)]).toEqual(digests)
  const tree = join(folder, 'tree')
  execFileSync('dpkg-deb', ['-x', deb, tree])
  return { tree, deb, rpm }
}

test('the packages of the system have a manual, completions that three shells use, and hardened units', async () => {
  const { tree, deb, rpm } = await systemPackages()
  const content = execFileSync('rpm', ['-qpl', rpm], { encoding: 'utf8' }).trim().split('\n')
  expect(content).toContain('/usr/share/zsh/site-functions/_runbook')
  expect(content).toContain('/usr/bin/runbook')
  // As a folder of the package it goes with it.
  expect(content).toContain('/usr/share/doc/runbook')
  const manual = join(tree, 'usr/share/man/man1/runbook.1.gz')
  const man = spawnSync('man', ['--warnings', '-l', manual], {
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8' },
  })
  expect(man.stderr).toBe('')
  expect(man.stdout).toContain('runbook exec')
  const share = join(tree, 'usr/share')
  const env = { ...process.env, PATH: `${join(tree, 'usr/bin')}:${process.env['PATH']}`, HOME: folder }
  const shell = (program: string, script: string): string =>
    execFileSync(program, program === 'zsh' ? ['-f', '-c', script] : ['-c', script], {
      env,
      encoding: 'utf8',
    })
  const bash = `. ${share}/bash-completion/completions/runbook; COMP_WORDS=(runbook verif); COMP_CWORD=1; _runbook; echo "\${COMPREPLY[@]}"`
  expect(shell('bash', bash)).toBe('verify\n')
  const fish = `source ${share}/fish/vendor_completions.d/runbook.fish; complete -C 'runbook verif'`
  expect(shell('fish', fish)).toMatch(/^verify\b/)
  const zsh = `fpath=(${share}/zsh/vendor-completions $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[runbook]; autoload +X -Uz _runbook; print loaded`
  expect(shell('zsh', zsh)).toBe('_runbook\nloaded\n')
  // The first completion of a session also loads the file.
  writeFileSync(join(folder, 'my rules.yml'), '')
  const session = `zmodload zsh/zpty; zpty z zsh -f; zpty -w z "cd ${folder}; fpath=(${share}/zsh/vendor-completions \\$fpath); autoload -Uz compinit; compinit -u -D; print RE''ADY"
    zpty -r z out '*READY*'; zpty -w -n z $'runbook alerts check my\\t'; zpty -r z out '*rules.yml*'; print -r -- $out`
  expect(shell('zsh', session)).toContain('my\\ rules.yml')
  for (const name of ['runbook-alerts', 'runbook-runner']) {
    const unit = join(tree, `usr/lib/systemd/system/${name}.service`)
    const judged = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
      encoding: 'utf8',
    })
    const [, exposure = '10'] = /Overall exposure level[^:]*: ([\d.]+)/.exec(judged) ?? []
    expect(Number(exposure), name).toBeLessThanOrEqual(2)
  }
  expectAccounts(tree)
  const scripts = join(folder, 'scripts')
  execFileSync('dpkg-deb', ['-e', deb, scripts])
  const rpmScripts = execFileSync('rpm', ['-qp', '--scripts', rpm], { encoding: 'utf8' })
  for (const [name, line] of [
    ['postinst', 'systemd-sysusers runbook.conf'],
    ['prerm', 'systemctl disable --now runbook-alerts runbook-runner'],
  ] as const) {
    expect(readFileSync(join(scripts, name), 'utf8')).toContain(line)
    expect(rpmScripts).toContain(line)
    // Also where dpkg takes an installation back, and systemd does not run.
    for (const how of ['configure', 'abort-upgrade', 'upgrade', '1'])
      expect(
        spawnSync(join(scripts, name), [how], { env: { PATH: folder }, encoding: 'utf8' }),
      ).toMatchObject({
        status: 0,
        stderr: '',
      })
  }
})

/** A step goes on when its unit stops: the account must stay, and with it the files of the step. */
function expectAccounts(tree: string): void {
  mkdirSync(join(tree, 'etc'), { recursive: true })
  execFileSync('systemd-sysusers', [`--root=${tree}`, 'runbook.conf'], { stdio: 'pipe' })
  const accounts = readFileSync(join(tree, 'etc/passwd'), 'utf8')
  for (const name of ['runbook-alerts', 'runbook-runner']) {
    const unit = readFileSync(join(tree, `usr/lib/systemd/system/${name}.service`), 'utf8').split('\n')
    expect(unit).toEqual(
      expect.arrayContaining(['KillMode=process', `User=${name}`, `StateDirectory=${name}`]),
    )
    expect(unit.filter((line) => /^(DynamicUser|PrivateTmp|PrivateUsers|RemoveIPC)=/.test(line))).toEqual([])
    expect(accounts).toMatch(
      new RegExp(`^${name}:x:\\d+:\\d+:[^:]+:/var/lib/${name}:/usr/sbin/nologin$`, 'm'),
    )
  }
}

/** Serves a folder, and runs the installer against it. */
async function install(release: string, env: Record<string, string>) {
  const server = createServer((request, response) => {
    const file = join(release, request.url ?? '')
    if (existsSync(file)) response.end(readFileSync(file))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const child = spawn('sh', [join(repository, 'packaging/install.sh')], {
    env: { PATH: process.env['PATH'], HOME: join(folder, 'person'), RUNBOOK_FROM: from, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => (said += String(bytes)))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  server.close()
  return { code, said }
}

test('install.sh installs what is signed, and refuses a changed file, a changed list and another key', async () => {
  const release = join(folder, 'release')
  mkdirSync(release)
  mkdirSync(join(folder, 'person'))
  const name = `runbook-${process.platform}-${process.arch}`
  copyFileSync(binary.file, join(release, name))
  writeFileSync(join(release, 'SHA256SUMS'), `${sha256(binary.file)}  ${name}\n`)
  const key = (file: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, file)])
    return `release@example.com namespaces="runbook-release@v1" ${readFileSync(join(folder, `${file}.pub`), 'utf8')}`
  }
  const signers = join(folder, 'signers')
  writeFileSync(signers, key('key'))
  const others = join(folder, 'others')
  writeFileSync(others, key('other'))
  execFileSync('ssh-keygen', [
    '-q',
    '-Y',
    'sign',
    '-n',
    'runbook-release@v1',
    '-f',
    join(folder, 'key'),
    join(release, 'SHA256SUMS'),
  ])
  const target = join(folder, 'person/.local/bin/runbook')
  expect(await install(release, { RUNBOOK_SIGNERS: others })).toMatchObject({
    code: 1,
    said: expect.stringContaining('not allowed') as string,
  })
  expect(existsSync(target)).toBe(false)
  expect(await install(release, { RUNBOOK_SIGNERS: signers })).toMatchObject({
    code: 0,
    said: expect.stringContaining('signed by release@example.com') as string,
  })
  expect(sha256(target)).toBe(sha256(binary.file))
  writeFileSync(target, '#!/bin/sh\necho 0.0.9\n', { mode: 0o755 })
  expect((await install(`${release}/`, {})).said).toContain('; it was 0.0.9')
  rmSync(target)
  mkdirSync(target)
  expect(await install(release, {})).toMatchObject({
    code: 1,
    said: expect.stringContaining('is a folder') as string,
  })
  rmSync(target, { recursive: true })
  writeFileSync(join(release, name), 'changed')
  expect(await install(release, {})).toMatchObject({
    code: 1,
    said: expect.stringContaining('does not have the digest') as string,
  })
  writeFileSync(join(release, 'SHA256SUMS'), `${sha256(join(release, name))}  ${name}\n`)
  expect(await install(release, { RUNBOOK_SIGNERS: signers })).toMatchObject({
    code: 1,
    said: expect.stringContaining('does not hold') as string,
  })
  expect(existsSync(target)).toBe(false)
})
