import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type SignedSpace, signedSpace } from '../../support/signing.ts'
import { commandStep, page } from '../../support/workspace.ts'

const program = fileURLToPath(new URL('../../../scripts/release-pipeline.ts', import.meta.url))
const seedNamed = fileURLToPath(new URL('../../../scripts/ops/release_pipeline.sh', import.meta.url))

const approval = '<Approval id="go" title="Go" approvers="bob@example.com">\nRead it.\n</Approval>\n\n'
const naming = commandStep(
  'commit',
  'echo "commit=$(git rev-parse HEAD)" >> "$RUNBOOK_OUTPUT"',
  'outputs="commit"',
)

/** A product whose tests pass only where the file `fixed` is. */
function product(steps = naming + approval): SignedSpace {
  const space = signedSpace()
  space.write(
    'content/runbooks/release.mdx',
    page(steps, 'inputs:\n  version: { type: semver, default: 1.4.0 }\n'),
  )
  const manifest = { name: '@acme/shop', version: '1.4.0', scripts: { test: 'test -f fixed' } }
  space.write('package.json', JSON.stringify(manifest))
  space.write('CHANGELOG.md', '# Changelog\n\n## [1.4.0] - 2026-10-27\n\n- Prices are shown.\n')
  space.write('src/index.html', '<p>%VERSION%</p>\n')
  space.write('fixed', '')
  space.write('.gitignore', '.runbook\ndist\nalice*\nbob*\ncarol*\neve*\n')
  git(space, 'init', '-q')
  // The tag of a release is by a person, whom a new machine does not know.
  git(space, 'config', 'user.name', 'Test')
  git(space, 'config', 'user.email', 'test@example.com')
  commit(space)
  return space
}

function git(space: SignedSpace, ...args: string[]): string {
  return execFileSync('git', args, { cwd: space.root, encoding: 'utf8' }).trim()
}

function commit(space: SignedSpace): string {
  git(space, 'add', '.')
  git(space, 'commit', '-q', '--allow-empty', '-m', 'Change')
  return git(space, 'rev-parse', 'HEAD')
}

function release(space: SignedSpace, call = [process.execPath, program]) {
  const [command = '', ...args] = call
  return spawnSync(
    command,
    [...args, '--version', '1.4.0', '--checklist', 'release', '--skip-macos', '--skip-windows'],
    {
      cwd: space.root,
      encoding: 'utf8',
      env: { ...process.env, RELEASE_SIGNING_KEY: join(space.root, 'alice') },
    },
  )
}

test('only the commit that the checklist was run for is released, and the release says which run that was', async () => {
  using space = product()
  const checked = git(space, 'rev-parse', 'HEAD')
  const run = await space.release()
  const later = commit(space)
  const refused = release(space)
  expect([refused.status, refused.stderr]).toEqual([
    1,
    expect.stringContaining(`Commit ${later} was not checked`),
  ])
  expect(refused.stderr).toContain(`its output commit is ${checked}, and ${later} was asked for`)
  git(space, 'checkout', '-q', checked)
  const made = release(space)
  expect(made.status, made.stderr).toBe(0)
  expect(made.stdout).toContain(`1.4.0 of ${checked}, checked by ${run}`)
  expect(made.stdout).toContain(`npm test passed in a clean export of ${checked}`)
  const folder = join(space.root, 'dist/release-1.4.0')
  const metadata = JSON.parse(readFileSync(join(folder, 'release-metadata.json'), 'utf8')) as object
  expect(metadata).toMatchObject({
    commit: checked,
    checkedBy: { runbook: 'release', run, unsignedAllowed: false },
    artifacts: [{ name: 'acme-shop-1.4.0.tar' }, { name: 'RELEASE_NOTES.md' }],
  })
})

test('the tag is made with the release, is not moved, and both are removed again', async () => {
  using space = product()
  const checked = git(space, 'rev-parse', 'HEAD')
  const run = await space.release()
  git(space, 'tag', 'v1.4.0')
  expect(release(space).stderr).toContain('The tag v1.4.0 is a lightweight tag')
  git(space, 'tag', '-d', 'v1.4.0')
  expect(release(space).stdout).toMatch(/^\+ create-release .*, tag v1\.4\.0$/m)
  expect(git(space, 'tag', '-l', '--format=%(contents)', 'v1.4.0')).toBe(`Release 1.4.0\n\nRun: ${run}`)
  expect(git(space, 'rev-parse', 'v1.4.0^{commit}')).toBe(checked)
  expect(release(space).stdout).toMatch(/^= create-release/m)
  const pipeline = (command: string) =>
    spawnSync(process.execPath, [program, command, '--version', '1.4.0'], {
      cwd: space.root,
      encoding: 'utf8',
    })
  expect(pipeline('check').status).toBe(0)
  git(space, 'tag', '-f', '-a', 'v1.4.0', '-m', 'moved', commit(space))
  git(space, 'checkout', '-q', checked)
  expect(release(space).stderr).toContain('The tag v1.4.0 is on commit')
  git(space, 'tag', '-f', '-a', 'v1.4.0', '-m', 'back', checked)
  expect(pipeline('undo').stdout).toMatch(/^\+ removed .*release-1\.4\.0 and the tag v1\.4\.0$/m)
  expect(pipeline('check').status).toBe(1)
  expect(pipeline('undo').stdout).toBe('= 1.4.0 is not released\n')
})

test('a version that was retracted leaves a note, and is never released again', async () => {
  using space = product()
  const run = await space.release()
  expect(release(space).status).toBe(0)
  const retract = () =>
    spawnSync(process.execPath, [program, 'retract', '--version', '1.4.0', '--reason', 'It loses orders'], {
      cwd: space.root,
      encoding: 'utf8',
      env: { ...process.env, RUNBOOK_RUN_ID: run },
    })
  expect(retract().stdout).toMatch(/^\+ removed v1\.4\.0/)
  expect(retract().stdout).toMatch(/^= removed v1\.4\.0/)
  expect(git(space, 'tag', '-l')).toBe('')
  expect(existsSync(join(space.root, 'dist/release-1.4.0'))).toBe(false)
  const refused = release(space)
  expect([refused.status, refused.stderr]).toEqual([
    1,
    expect.stringContaining(`by run ${run}: It loses orders`),
  ])
  expect(git(space, 'tag', '-l')).toBe('')
})

test('a run that names no commit checks none', async () => {
  using space = product(commandStep('build', 'echo built') + approval)
  await space.release()
  expect(release(space)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('it has no output commit') as string,
  })
})

test('the tests run on what is committed, whatever lies in the work tree', async () => {
  using space = product()
  git(space, 'rm', '-q', '--cached', 'fixed')
  writeFileSync(join(space.root, '.git/info/exclude'), 'fixed\n')
  const broken = commit(space)
  await space.release()
  const refused = release(space)
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain(`\`npm test\` failed in a clean export of ${broken}`)
})

test('a stage that is not done says so, and why', async () => {
  using space = product()
  await space.release()
  const { status, stdout, stderr } = release(space, [seedNamed])
  expect(status, stderr).toBe(0)
  expect(stdout).toMatch(/^- build-images +not done: this program builds no images; use `runbook images`$/m)
  expect(stdout).toMatch(/^\+ security-scan +searched 2 files for secrets and found none; known vulner/m)
  expect(stdout).toMatch(/^- publish-npm +not done: this program publishes nothing to a registry/m)
})
