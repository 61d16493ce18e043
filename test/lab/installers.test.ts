import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { git } from '../../scripts/lib/git.ts'
import { archive, issue, testAuthority } from '../../scripts/programs/installer/rehearsal/test-authority.ts'
import type { TestAuthority } from '../../scripts/programs/installer/rehearsal/test-authority.ts'
import { timestampServer } from '../../scripts/programs/installer/rehearsal/timestamp-server.ts'
import type { TimestampServer } from '../../scripts/programs/installer/rehearsal/timestamp-server.ts'
import { cleanUp, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'
import { s3Server } from '../support/servers/s3-server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** The repository of the product, in which every line is called as it is written in a document. */
let shop: string
let folder: string
let authority: TestAuthority
let timestamps: TimestampServer
let env: Record<string, string>

beforeAll(async () => {
  folder = await tempDir()
  shop = join(folder, 'shop')
  mkdirSync(join(shop, 'src/js'), { recursive: true })
  const about = {
    name: 'wiretuner',
    productName: 'WireTuner',
    version: '0.1.0',
    author: 'Example Ltd',
    license: 'MIT',
  }
  writeFileSync(join(shop, 'package.json'), JSON.stringify(about))
  writeFileSync(join(shop, 'src/index.html'), '<p>%VERSION%</p>\n')
  writeFileSync(join(shop, 'src/js/a & b x.js'), 'export {}\n')
  for (const path of ['scripts', 'tools']) execFileSync('ln', ['-s', join(root, path), join(shop, path)])
  writeFileSync(join(shop, '.gitignore'), 'scripts\ntools\nbuild\n')
  await git(shop, ['init', '-q'])
  await git(shop, ['add', '.'])
  await git(shop, ['-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '-qm', 'Add a shop'])
  authority = await testAuthority(join(folder, 'authority'), 'Example Ltd')
  timestamps = await timestampServer(join(folder, 'authority'), {
    ...authority.timestamping,
    ca: authority.ca,
  })
  env = { WINDOWS_PFX_PATH: authority.pfx, WINDOWS_PFX_PASSWORD: authority.password }
})

afterAll(async () => {
  timestamps[Symbol.dispose]()
  await cleanUp()
})

/** Runs a line of Bash in the repository of the product. `runbook` is the program of this repository. */
async function call(line: string, more: Record<string, string> = {}): Promise<Ran> {
  const path = `${join(root, 'runner/engine/path')}:${process.env['PATH']}`
  const all = { ...process.env, PATH: path, ...more }
  const child = spawn('bash', ['-c', line], { cwd: shop, env: all })
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()))
  ran.code = await new Promise((resolve) => child.once('close', resolve))
  return ran
}

const installer = `node ${join(root, 'scripts/installer.ts')}`
const upload = `node ${join(root, 'scripts/upload.ts')}`
const feed = `node ${join(root, 'scripts/feed.ts')}`
const trust = (): string => `--ca ${authority.ca} --timestamp ${timestamps.url}`

test('the installers for Windows are signed with a time stamp, and the verifier names version and publisher', async () => {
  const line = `tools/installer/windows/build_msi.sh --version 0.1.0 ${trust()}`
  const ran = await call(line, env)
  expect([ran.code, ran.stdout], ran.stderr).toEqual([
    0,
    expect.stringMatching(
      /^\+ build\/windows\/WireTuner-0\.1\.0\.msi {2}\d+ bytes, signed by Example Ltd, time stamp .*\n\+ build\/windows\/WireTuner-Setup-0\.1\.0\.exe {2}\d+ bytes, signed by Example Ltd, time stamp .*\n$/,
    ),
  ])
  expect(await call('cd build/windows && sha256sum -c *.sha256')).toMatchObject({ code: 0 })
  const msi = join(shop, 'build/windows/WireTuner-0.1.0.msi')
  expect(execFileSync('msiinfo', ['export', msi, 'Property'], { encoding: 'utf8' })).toMatch(
    /^ProductVersion\t0\.1\.0\r?$/m,
  )
  expect(execFileSync('msiextract', ['--list', msi], { encoding: 'utf8' })).toContain(
    'WireTuner/public/js/a & b x.js',
  )
  const verified = `${installer} verify build/windows/*.msi build/windows/*.exe --ca ${authority.ca}`
  expect(await call(`${verified} --publisher "Example Ltd"`)).toMatchObject({ code: 0 })
  const other = await call(`${verified} --publisher "Sample Ltd"`)
  expect([other.code, other.stderr]).toEqual([
    1,
    expect.stringContaining('is signed by `Example Ltd`, not by `Sample Ltd`'),
  ])
  // The job of CI makes the same files, so it finds them there.
  const digest = readFileSync(`${msi}.sha256`, 'utf8')
  const again = await call(`scripts/ci/build_windows_release.sh --version 0.1.0 ${trust()}`, env)
  expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^= .*msi.*\n= .*exe/)])
  expect(readFileSync(`${msi}.sha256`, 'utf8')).toBe(digest)
})

test('an installer that was changed after it was signed does not verify, with its record or without it', async () => {
  expect(
    await call('mkdir -p build/bad && cp build/windows/*.msi* build/windows/*.exe build/bad'),
  ).toMatchObject({ code: 0 })
  appendFileSync(join(shop, 'build/bad/WireTuner-0.1.0.msi'), 'x')
  const changed = await call(`${installer} verify build/bad/*.msi --ca ${authority.ca}`)
  expect([changed.code, changed.stderr]).toEqual([
    1,
    expect.stringContaining('is not the file that was built'),
  ])
  const exe = join(shop, 'build/bad/WireTuner-Setup-0.1.0.exe')
  const bytes = readFileSync(exe)
  bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000)
  writeFileSync(exe, bytes)
  const broken = await call(`${installer} verify ${exe} --ca ${authority.ca}`)
  expect([broken.code, broken.stderr]).toEqual([
    1,
    expect.stringContaining('was changed after it was signed'),
  ])
})

test('the next time-stamp authority is asked when one fails, and without any nothing is signed', async () => {
  // One that refuses the connection, one that answers with nonsense, and one of another authority.
  const nonsense = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => nonsense.listen(0, '127.0.0.1', resolve))
  const strangers = await testAuthority(join(folder, 'strangers'), 'Strangers')
  using stranger = await timestampServer(join(folder, 'strangers'), {
    ...strangers.timestamping,
    ca: strangers.ca,
  })
  const bad = [
    'http://127.0.0.1:9',
    `http://127.0.0.1:${(nonsense.address() as AddressInfo).port}`,
    stranger.url,
  ]
  const given = bad.map((url) => `--timestamp ${url}`).join(' ')
  const line = `${installer} windows --version 0.1.0 --formats msi --out build/fallback --ca ${authority.ca} ${given}`
  const none = await call(line, env)
  expect([none.code, none.stderr]).toEqual([
    1,
    expect.stringContaining(
      'was not signed, because no time-stamp authority was of use: http://127.0.0.1:9: ',
    ),
  ])
  for (const url of bad) expect(none.stderr).toContain(`${url}: `)
  expect(none.stderr).not.toContain(authority.password)
  expect(existsSync(join(shop, 'build/fallback'))).toBe(false)
  const asked = timestamps.given()
  const last = await call(`${line} --timestamp ${timestamps.url}`, env)
  expect([last.code, last.stdout], last.stderr).toEqual([
    0,
    expect.stringMatching(
      /^! http:.*\n! http:.*\n! http:.*\n\+ build\/fallback\/windows\/WireTuner-0\.1\.0\.msi .*time stamp/,
    ),
  ])
  expect(timestamps.given()).toBe(asked + 1)
  nonsense.close()
})

test('a certificate that may not sign is refused before anything is made, and imported only when it passes', async () => {
  const server = await issue(join(folder, 'authority'), 'server', {
    commonName: 'Example Ltd',
    usage: 'serverAuth',
  })
  const pfx = join(folder, 'server.pfx')
  await archive(pfx, authority.password, server.certificate, server.key, authority.ca)
  const refused = await call(`${installer} windows --version 0.1.0 --out build/refused ${trust()}`, {
    ...env,
    WINDOWS_PFX_PATH: pfx,
  })
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('usage: expected code signing')])
  expect(existsSync(join(shop, 'build/refused'))).toBe(false)
  const encoded = (file: string): Record<string, string> => ({
    WINDOWS_CERTIFICATE: readFileSync(file).toString('base64'),
    WINDOWS_CERTIFICATE_PASSWORD: authority.password,
  })
  const into = `${installer} certificate --ca ${authority.ca} --publisher "Example Ltd" --out build/signing.pfx`
  const bad = await call(into, encoded(pfx))
  expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/^ {2}Example Ltd\n\+ key .*\n✕ usage/)])
  expect(existsSync(join(shop, 'build/signing.pfx'))).toBe(false)
  const good = await call(`${into} && stat -c %a build/signing.pfx`, encoded(authority.pfx))
  expect([good.code, good.stdout], good.stderr).toEqual([
    0,
    expect.stringMatching(/\+ chain .*\n\+ publisher Example Ltd\n\+ wrote .*\n600\n$/),
  ])
  expect(readFileSync(join(shop, 'build/signing.pfx')).equals(readFileSync(authority.pfx))).toBe(true)
})

test('packages for Linux have the same bytes for the same commit, and the tools of both systems read them', async () => {
  const line =
    'scripts/installer/linux/build_packages.sh --version 0.1.0 --maintainer "Ada <ada@example.com>"'
  const first = await call(`${line} --out build/one`)
  expect(first.code, first.stderr).toBe(0)
  expect((await call(`${line} --out build/two`)).code).toBe(0)
  const names = ['wiretuner-0.1.0-1.noarch.rpm', 'wiretuner_0.1.0_all.deb']
  const [rpm = '', deb = ''] = names.map((name) => join(shop, 'build/one/linux', name))
  for (const name of names)
    expect(
      readFileSync(join(shop, 'build/one/linux', name)).equals(
        readFileSync(join(shop, 'build/two/linux', name)),
      ),
    ).toBe(true)
  expect(execFileSync('rpm', ['-K', rpm], { encoding: 'utf8' })).toContain('digests OK')
  expect(execFileSync('rpm', ['-qlp', rpm], { encoding: 'utf8' })).toContain(
    '/opt/wiretuner/public/index.html',
  )
  expect(execFileSync('dpkg-deb', ['-I', deb], { encoding: 'utf8' })).toMatch(
    /Maintainer: Ada <ada@example\.com>/,
  )
  const unpacked = await call(
    `dpkg-deb -x ${deb} build/tree && cat build/tree/opt/wiretuner/public/index.html`,
  )
  expect(unpacked.stdout).toBe('<p>0.1.0</p>\n')
})

test('off macOS the disk image stops before its first effect, and its substitute says that it is one', async () => {
  if (process.platform === 'darwin') return
  const line = 'tools/installer/macos/build_dmg.sh --version 0.1.0 --skip-notarize'
  const real = await call(line)
  expect([real.code, real.stderr]).toEqual([
    1,
    expect.stringMatching(/missing, and nothing was made: macOS 13 or later, the program codesign/),
  ])
  expect(real.stderr).toContain('make an unsigned image to look at with --substitute')
  const dry = await call(`${line} --dry-run`)
  expect([dry.code, dry.stdout]).toEqual([
    0,
    `$ hdiutil create -volname WireTuner -srcfolder "$STAGE/files" -format UDZO -ov "$STAGE/WireTuner-0.1.0.dmg"
$ codesign --force --timestamp --sign "$DEVELOPER_ID" "$STAGE/WireTuner-0.1.0.dmg"
$ codesign -dvv "$STAGE/WireTuner-0.1.0.dmg"
$ would write build/macos/WireTuner-0.1.0.dmg, its .sha256 and its .json
- these commands exist only on macOS
- nothing is notarized: the call has --skip-notarize
! missing: macOS 13 or later
! missing: the program codesign
! missing: the program hdiutil
! missing: the program spctl
! missing: the program xcrun
! missing: the variable DEVELOPER_ID
`,
  ])
  expect(existsSync(join(shop, 'build/macos'))).toBe(false)
  const substitute = await call('scripts/ci/build_macos_release.sh --version 0.1.0 --substitute')
  expect([substitute.code, substitute.stdout]).toEqual([
    0,
    expect.stringContaining('WireTuner-0.1.0.unsigned.dmg  '),
  ])
  expect(substitute.stdout).toContain('unsigned (substitute')
  const record = JSON.parse(
    readFileSync(join(shop, 'build/macos/WireTuner-0.1.0.unsigned.dmg.json'), 'utf8'),
  ) as object
  expect(record).toMatchObject({ signed: false, notarized: false, substitute: true })
})

test('a rehearsal makes all of them without credentials, and none of it can be published as a release', async () => {
  const ran = await call(`${installer} rehearse --version 0.1.0 --out build/rehearsal`)
  expect([ran.code, ran.stdout.split('\n')], ran.stderr).toEqual([
    0,
    [
      expect.stringMatching(
        /\.msi .*signed by Example Ltd, time stamp .*; a rehearsal: no system trusts the certificate$/,
      ),
      expect.stringMatching(/\.exe .*signed by Example Ltd, time stamp .*; a rehearsal/),
      expect.stringMatching(/\.deb .*not signed/),
      expect.stringMatching(/\.rpm .*not signed/),
      expect.stringMatching(/\.unsigned\.dmg .*unsigned \(substitute/),
      '',
    ],
  ])
  const server = await s3Server()
  for (const [ending, why] of [
    ['msi', 'is a rehearsal'],
    ['dmg', 'is a substitute'],
  ]) {
    const sent = await call(`${upload} build/rehearsal/*.${ending} --to s3://releases/`, server.env)
    expect([sent.code, sent.stderr]).toEqual([1, expect.stringContaining(why ?? '')])
  }
  expect(server.asked).toEqual([])
  server.close()
})

test('a dry run of a release makes installers whose signatures verify, and writes nothing else', async () => {
  writeFileSync(
    join(shop, 'CHANGELOG.md'),
    '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-30\n\n### Added\n\n- A shop\n\n[Unreleased]: https://git.example/compare/v0.1.0...HEAD\n[0.1.0]: https://git.example/releases/v0.1.0\n',
  )
  await git(shop, ['add', 'CHANGELOG.md'])
  await git(shop, [
    '-c',
    'user.name=T',
    '-c',
    'user.email=t@example.com',
    'commit',
    '-qm',
    'Add a change log',
  ])
  const release = `node ${join(root, 'scripts/release-pipeline.ts')} --version 0.1.0`
  const before = await git(shop, ['status', '--porcelain', '--ignored'])
  const ran = await call(`${release} --dry-run --rehearse ${join(folder, 'rehearsed')}`)
  expect([ran.code, ran.stdout], ran.stderr).toEqual([
    0,
    expect.stringMatching(
      /\$ build-packages .*; WireTuner-0\.1\.0\.msi signed by Example Ltd, time stamp [^;]*; a rehearsal: .*; WireTuner-0\.1\.0\.unsigned\.dmg unsigned \(substitute/,
    ),
  ])
  expect(await git(shop, ['status', '--porcelain', '--ignored'])).toBe(before)
  expect(existsSync(join(shop, 'dist'))).toBe(false)
  const real = await call(`${release} --rehearse build/r`)
  expect([real.code, real.stderr]).toEqual([2, expect.stringContaining('only in a dry run')])
})

test('a release is uploaded once, read back, offered to a tenth of the users and then to all', async () => {
  const server = await s3Server()
  const to = '--to s3://wiretuner-releases/desktop/'
  const signed = `--ca ${authority.ca}`
  const setup = 'build/windows/WireTuner-Setup-0.1.0.exe'
  const key = 'wiretuner-releases/desktop/WireTuner-Setup-0.1.0.exe'
  const dry = await call(`${upload} ${setup} ${to} ${signed} --dry-run`, server.env)
  expect([dry.code, dry.stdout], dry.stderr).toEqual([0, expect.stringMatching(/^\$ would upload s3:/)])
  expect(server.objects.size).toBe(0)
  const first = await call(`${upload} ${setup} ${to} ${signed}`, server.env)
  expect([first.code, first.stdout], first.stderr).toEqual([
    0,
    expect.stringMatching(/^\+ s3:\/\/wiretuner-releases\/desktop\/WireTuner-Setup/),
  ])
  expect(server.objects.get(key)?.equals(readFileSync(join(shop, setup)))).toBe(true)
  expect((await call(`${upload} ${setup} ${to} ${signed}`, server.env)).stdout).toMatch(/^= s3:/)
  expect(server.asked.filter((one) => one.startsWith('PUT'))).toHaveLength(1)

  expect(await call(`${feed} write ${setup} --version 0.1.0 --platform windows`)).toMatchObject({ code: 0 })
  const latest = 'build/windows/latest.yml'
  const half = await call(`${feed} stage ${latest} --to 50 --expect 0.1.0`)
  expect([half.code, half.stdout]).toEqual([0, '+ 0.1.0: 10 % → 50 % of the users\n'])
  const fewer = await call(`${feed} stage ${latest} --to 10`)
  expect([fewer.code, fewer.stderr]).toEqual([1, expect.stringContaining('is 50 % and would become 10 %')])
  expect(await call(`${upload} ${latest} ${to}`, server.env)).toMatchObject({ code: 0 })
  expect(await call(`${feed} stage ${latest} --to 100`)).toMatchObject({ code: 0 })
  const other = await call(`${upload} ${latest} ${to}`, server.env)
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('is another file')])
  expect(await call(`${upload} ${latest} ${to} --replace`, server.env)).toMatchObject({ code: 0 })

  // Clients ask without an account.
  const site = createServer((request, response) => {
    const content = server.objects.get(`wiretuner-releases/desktop${request.url}`)
    return content === undefined ? response.writeHead(404).end() : response.end(content)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const check = `${feed} check http://127.0.0.1:${(site.address() as AddressInfo).port}/latest.yml --expect 0.1.0 --staging 100`
  expect(await call(check)).toMatchObject({ code: 0 })
  server.objects.set(key, Buffer.concat([server.objects.get(key) ?? Buffer.of(), Buffer.from('x')]))
  const bad = await call(check)
  expect([bad.code, bad.stdout]).toEqual([
    1,
    expect.stringMatching(/✕ WireTuner-Setup-0\.1\.0\.exe has \d+ bytes, and the feed says/),
  ])
  site.close()
  server.close()

  const refused = await s3Server()
  const wrong = await call(`${upload} ${latest} ${to}`, { ...refused.env, AWS_SECRET_ACCESS_KEY: 'another' })
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('403')])
  refused.close()
})

test('the runbooks make and sign the installers, stop off macOS before a step, and offer the update in three stages', async () => {
  const server = await s3Server()
  const site = createServer((request, response) => {
    const content = server.objects.get(`wiretuner-updates${request.url}`)
    return content === undefined ? response.writeHead(404).end() : response.end(content)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const answers = join(folder, 'answers.yaml')
  const done = ['tried', 'programme', 'tenth-well', 'half-well'].map((id) => `  ${id}: done\n`)
  writeFileSync(answers, `actor: erin@example.com\nanswers:\n${done.join('')}`)
  const exec = (slug: string, inputs: Record<string, string>): Promise<Ran> => {
    const given = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
    const state = { RUNBOOK_STATE: join(folder, 'state'), RUNBOOK_ACTOR: 'erin@example.com' }
    return runIn(root, ['exec', slug, ...given, '--yes', '--answers', answers], {
      ...state,
      ...env,
      ...server.env,
    })
  }
  const product = { version: '0.1.0', repository: shop, out: join(folder, 'made') }
  const trusted = { ca: authority.ca, publisher: 'Example Ltd', timestamp: timestamps.url }
  const windows = await exec('installer-windows', { ...product, ...trusted })
  expect(windows.code, windows.stderr).toBe(0)
  const stranger = await exec('installer-windows', { ...product, ...trusted, publisher: 'Sample Ltd' })
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('`certificate`')])
  if (process.platform !== 'darwin') {
    const macos = await exec('installer-macos', product)
    expect([macos.code, macos.stderr]).toEqual([
      1,
      expect.stringMatching(/codesign .*\$APPLE_ID .*\$DEVELOPER_ID .*darwin .*; nothing ran/),
    ])
  }
  const address = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  const update = await exec('auto-update', {
    version: '0.1.0',
    folder: join(folder, 'made/windows'),
    installer: 'WireTuner-Setup-0.1.0.exe',
    to: 's3://wiretuner-updates/',
    site: address,
    ca: authority.ca,
    wait_tenth: '10ms',
    wait_half: '10ms',
  })
  expect(update.code, update.stderr).toBe(0)
  for (const stage of ['for 10 % of the users', '10 % → 50 %', '50 % → 100 %'])
    expect(update.stderr).toContain(stage)
  const check = `${feed} check ${address}/latest.yml --expect 0.1.0 --staging 100`
  expect(await call(check)).toMatchObject({ code: 0 })
  site.close().closeAllConnections()
  server.close()
})

test('no call leaves a folder of its work or a password behind', () => {
  const left = readdirSync(process.env['TMPDIR'] ?? '/tmp').filter((name) =>
    /^(?:installer|certificate|\.?sign)-/.test(name),
  )
  expect(left).toEqual([])
})
