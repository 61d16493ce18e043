import { defineCommand, defineProgram, flag, many, required, withDefault } from '../runner/kit/command.ts'
import type { Report } from '../runner/kit/command.ts'
import { filePath, semver, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { git } from './lib/git.ts'
import type { Product } from './lib/product.ts'
import { missingFor } from './release/preflight.ts'
import {
  type ReleaseRequest,
  type Stage,
  assemble,
  createRelease,
  requireChecked,
  securityScan,
  testScript,
  versionCheck,
} from './release/stages.ts'

const release = defineCommand({
  name: 'release',
  summary: 'Checks, builds, scans, signs and writes a release; refuses one that no checklist was run for.',
  args: {},
  options: {
    version: required(semver, 'The version to release.'),
    repository: required(filePath('folder'), 'The git repository of the product.'),
    ref: withDefault(string('ref'), 'HEAD', 'Commit, tag or branch to release.'),
    out: required(filePath('folder'), 'The folder that gets release-X.Y.Z/.'),
    checklist: withDefault(string('name'), 'release-checklist', 'The runbook that must have been run.'),
    input: many(string('name=value'), 'Another input it was run with; version is given.'),
    allowUnsigned: flag('Let a run without a signature count.'),
    skipMacos: flag('Without installers for macOS, and without their credentials.'),
    skipWindows: flag('The same for Windows.'),
  },
  effect: 'write',
  examples: [
    'node scripts/release-pipeline.ts --version 1.4.0 --repository .lab/storefront --out dist --dry-run',
    'RELEASE_SIGNING_KEY=~/.ssh/release node scripts/release-pipeline.ts --version 1.4.0 --repository .lab/storefront --out dist --skip-macos --skip-windows',
  ],
  async run({ options, dryRun }): Promise<Report> {
    const version = options.version
    const inputs = [`version=${version}`, ...options.input].flatMap((input) => ['-i', input])
    const request = {
      version,
      repository: options.repository,
      ref: options.ref,
      out: resolve(options.out),
      runId: process.env['RUNBOOK_RUN_ID'] ?? 'by-hand',
      require: [options.checklist, ...inputs, ...(options.allowUnsigned ? ['--allow-unsigned'] : [])],
      signingKey: process.env['RELEASE_SIGNING_KEY'] ?? '',
      dryRun,
    }
    if (!dryRun) refuseMissing(options.skipMacos !== true, options.skipWindows !== true)
    return await pipeline(request)
  },
})

function refuseMissing(macos: boolean, windows: boolean): void {
  const missing = missingFor({ macos, windows, signing: true }, process.env)
  if (missing.length === 0) return
  throw new CliError(
    exit.failed,
    `${missing.length} things are missing, and nothing was done: ${missing.map(({ what }) => what).join(', ')}`,
    missing.map(({ remedy }) => remedy).join(' '),
  )
}

/** Runs the stages in order; the first that fails ends it, with nothing public done. */
async function pipeline(request: ReleaseRequest): Promise<Report> {
  const stages: Stage[] = []
  const add = (name: string, status: Stage['status'], detail: string): void =>
    void stages.push({ name, status, detail })
  const { dryRun } = request
  const { product, known } = await versionCheck(request)
  const checkedBy = dryRun ? undefined : requireChecked(request.require)
  add(
    'version-check',
    'done',
    `${product.version} of ${product.commit.slice(0, 12)}${checkedBy === undefined ? '' : `, checked by ${checkedBy}`}`,
  )
  add('build-test', ...buildTest(product, request))
  add('build-images', 'skipped', 'needs an image registry')
  const mtime = Number(await git(request.repository, ['show', '--no-patch', '--format=%ct', product.commit]))
  const { files, metadata } = assemble(request, product, known, mtime)
  add(
    'build-packages',
    'done',
    `${metadata.artifacts.length} files, ${metadata.artifacts.reduce((sum, { size }) => sum + size, 0)} bytes`,
  )
  add('security-scan', 'done', securityScan(product))
  if (dryRun)
    add('create-release', 'planned', `would write and sign ${request.out}/release-${request.version}`)
  else {
    mkdirSync(request.out, { recursive: true })
    const { status, detail } = await createRelease(request, files, metadata)
    add('create-release', status, detail)
  }
  add('publish-npm', 'skipped', 'the product is private')
  add('notify', 'skipped', 'the checklist tells people, after the tag')
  const marks = { done: '+', already: '=', planned: '$', skipped: '-' }
  const lines = stages.map(({ name, status, detail }) => `${marks[status]} ${name.padEnd(15)} ${detail}\n`)
  const text = dryRun ? `${JSON.stringify(metadata, null, 2)}\n${lines.join('')}` : lines.join('')
  return { document: { ok: true, metadata, stages }, text }
}

function buildTest(product: Product, { repository, dryRun }: ReleaseRequest): [Stage['status'], string] {
  if (testScript(product) === undefined) return ['skipped', 'package.json has no test script']
  if (dryRun) return ['planned', 'would run npm test']
  const ran = spawnSync('npm', ['test'], { cwd: repository, stdio: ['ignore', 2, 2] })
  if (ran.status !== 0)
    throw new CliError(
      exit.failed,
      `The tests of the product fail: npm test ended with ${ran.status}`,
      'Make them pass first.',
    )
  return ['done', 'npm test passes']
}

export const program = defineProgram({
  name: 'node scripts/release-pipeline.ts',
  summary: 'make a release.',
  commands: [release],
  fallback: 'release',
})

if (import.meta.main) await runProgram(program)
