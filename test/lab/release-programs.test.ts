import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { access, appendFile, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from '../../scripts/build.ts'
import { prepareStorefront } from '../../scripts/lab/baseline.ts'
import { verifyArtifact } from '../../scripts/domain/artifact.ts'
import { type RunningLab, cleanUp, runScript, startLab, startScript, tempDir } from '../scripts/support.ts'

const KILLS = 8

let lab: RunningLab
let repository: string

beforeAll(async () => {
  lab = await startLab(await tempDir())
  repository = join(lab.dir, 'storefront')
})

afterAll(cleanUp)

async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.slice(folder.length), await readFile(file, 'utf8')])),
  )
}

/** What must be the same in every build of a commit. */
function lasting({ '/release-metadata.json': metadata, ...rest }: Record<string, string>): object {
  return { ...rest, metadata: { ...JSON.parse(metadata ?? ''), createdAt: '' } }
}

function git(folder: string, ...args: string[]): string {
  return spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).stdout.trim()
}

test('two builds of one commit differ in nothing but the moment they were made', async () => {
  const first = await build({ repository, version: '1.4.0', out: await tempDir() })
  const second = await build({ repository, version: '1.4.0', out: await tempDir() })
  expect(lasting(await contentOf(second.folder))).toEqual(lasting(await contentOf(first.folder)))
  expect(first.metadata).toMatchObject({ version: '1.4.0', dryRun: false, signed: false, notarized: false })
  const checked = spawnSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], {
    cwd: first.folder,
    encoding: 'utf8',
  })
  expect(checked.status).toBe(0)
})

test('the product repository is the same in every lab, with an annotated tag for its last release', async () => {
  const other = await tempDir()
  await prepareStorefront(other)
  expect(git(join(other, 'storefront'), 'rev-parse', 'HEAD', 'v1.3.0')).toBe(
    git(repository, 'rev-parse', 'HEAD', 'v1.3.0'),
  )
  expect(git(repository, 'cat-file', '-t', 'v1.3.0')).toBe('tag')
  expect(git(repository, 'status', '--porcelain')).toBe('')
  expect(
    spawnSync('git', ['-C', join(other, 'storefront'), 'tag', '-a', 'v1.4.0', '-m', 'x'], {
      env: { PATH: process.env['PATH'] },
    }).status,
  ).toBe(0)
})

test('a build that is killed at any moment leaves the whole artifact or none, and the next one completes it', async () => {
  const out = await tempDir()
  const start = (target: string) =>
    startScript('build.ts', ['--repository', repository, '--version', '1.4.0', '--out', join(out, target)])
  const began = performance.now()
  expect((await start('whole').ended).code).toBe(0)
  const usual = performance.now() - began
  for (let turn = 0; turn < KILLS; turn++) {
    const { child, ended } = start(String(turn))
    // From the middle on: what comes before only reads.
    const timer = setTimeout(() => child.kill('SIGKILL'), usual * (0.5 + turn / (2 * KILLS)))
    await ended
    clearTimeout(timer)
    const folder = join(out, String(turn), 'storefront-1.4.0')
    const version = async () => (await verifyArtifact(folder)).metadata.version
    if (existsSync(folder)) expect(await version()).toBe('1.4.0')
    expect((await start(String(turn)).ended).code).toBe(0)
    expect(await version()).toBe('1.4.0')
  }
})

test('building the same again changes nothing, and another commit under the same version is refused', async () => {
  const dir = await tempDir()
  await prepareStorefront(dir)
  const own = join(dir, 'storefront')
  const args = ['--repository', own, '--version', '1.4.0', '--out', join(dir, 'out')] as const
  expect((await runScript('build.ts', ...args)).stdout).toContain('+ built')
  await appendFile(join(own, 'src', 'app.css'), '/* later */\n')
  const again = await runScript('build.ts', ...args)
  expect(again.stdout).toContain('= already built')
  expect(again.stderr).toContain('uncommitted changes are not in the artifact')
  spawnSync('git', ['-C', own, 'commit', '-aqm', 'Later'])
  const other = await runScript('build.ts', ...args)
  expect(other).toMatchObject({ code: 1, stdout: '' })
  expect(other.stderr).toContain('already holds another build of 1.4.0')
})

test('a version that package.json does not have is refused with both versions', async () => {
  const ran = await runScript(
    'build.ts',
    '--repository',
    repository,
    '--version',
    '1.5.0',
    '--out',
    await tempDir(),
  )
  expect(ran.code).toBe(1)
  expect(ran.stderr).toBe(
    'error: Version 1.5.0 cannot be built from HEAD: package.json says 1.4.0 there\n  hint: Set "version" to 1.5.0 in package.json and commit, or build 1.4.0.\n',
  )
})

test('a dry build prints the metadata and writes nothing', async () => {
  const out = await tempDir()
  const ran = await runScript(
    'build.ts',
    '--repository',
    repository,
    '--version',
    '1.4.0',
    '--out',
    out,
    '--dry-run',
    '--json',
  )
  expect(JSON.parse(ran.stdout)).toMatchObject({
    written: false,
    metadata: { version: '1.4.0', dryRun: true, signed: false },
  })
  expect(await readdir(out)).toEqual([])
})

test('a release is deployed, gets its traffic, and is rolled back to where it was', async () => {
  const out = await tempDir()
  const saved = join(out, 'before.json')
  const { folder } = await build({ repository, version: '1.4.0', out })
  const run = async (script: string, ...args: string[]) =>
    JSON.parse((await runScript(script, ...args, '--lab', lab.admin, '--json')).stdout)

  expect(await run('deploy.ts', '--color', 'green', '--artifact', folder, '--dry-run')).toMatchObject({
    changed: false,
    state: 'stopped',
  })
  expect((await lab.state()).colors.green.state).toBe('stopped')
  expect(await run('deploy.ts', '--color', 'green', '--artifact', folder)).toMatchObject({
    changed: true,
    state: 'ready',
    version: '1.4.0',
  })
  const { pid } = (await lab.state()).colors.green
  expect(await run('deploy.ts', '--color', 'green', '--artifact', folder)).toMatchObject({
    changed: false,
    pid,
  })

  expect(await run('traffic.ts', 'set', '--green', '10', '--dry-run', '--save', saved)).toMatchObject({
    changed: false,
  })
  await expect(access(saved)).rejects.toThrow('ENOENT')
  expect(await run('traffic.ts', 'set', '--green', '10', '--save', saved)).toMatchObject({
    changed: true,
    after: { live: 'blue' },
  })
  expect(await run('traffic.ts', 'set', '--green', '10', '--save', saved)).toMatchObject({ changed: false })
  expect(JSON.parse(await readFile(saved, 'utf8'))).toMatchObject({
    weights: { blue: 100, green: 0 },
    live: 'blue',
  })
  expect(await run('traffic.ts', 'set', '--weights', 'green=100,blue=0')).toMatchObject({
    after: { live: 'green' },
  })
  expect(await run('traffic.ts', 'show')).toMatchObject({ live: 'green', weights: { blue: 0, green: 100 } })

  expect(await run('deploy.ts', 'stop', '--color', 'green')).toMatchObject({ ok: false })
  expect(await run('traffic.ts', 'restore', '--from', saved)).toMatchObject({
    changed: true,
    after: { weights: { blue: 100, green: 0 }, live: 'blue' },
  })
  expect(await run('traffic.ts', 'restore', '--from', saved)).toMatchObject({ changed: false })
  expect(await run('deploy.ts', 'stop', '--color', 'green')).toMatchObject({
    changed: true,
    state: 'stopped',
  })
  expect(await run('deploy.ts', 'stop', '--color', 'green')).toMatchObject({ changed: false })
})

test('an artifact that was touched after the build is not deployed', async () => {
  const { folder } = await build({ repository, version: '1.4.0', out: await tempDir() })
  await appendFile(join(folder, 'public', 'app.js'), 'steal()')
  const changed = await runScript('deploy.ts', '--color', 'green', '--artifact', folder, '--lab', lab.admin)
  expect(changed.code).toBe(1)
  expect(changed.stderr).toContain('public/app.js is not the file that was built')
  expect((await lab.state()).colors.green.state).toBe('stopped')
})

test('an artifact with a file that nobody listed is not deployed', async () => {
  const { folder } = await build({ repository, version: '1.4.0', out: await tempDir() })
  await writeFile(join(folder, 'public', 'extra.js'), '')
  const ran = await runScript('deploy.ts', '--color', 'green', '--artifact', folder, '--lab', lab.admin)
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr).toContain('Unexpected file public/extra.js')
})

test('without a lab every program says how to start it', async () => {
  const ran = await runScript('traffic.ts', 'show', '--lab', 'http://127.0.0.1:1')
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr).toContain('The lab does not answer: GET http://127.0.0.1:1/')
  expect(ran.stderr).toContain('Start it with: runbook lab')
})
