import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { git } from './lib/git.ts'
import type { Product } from './lib/product.ts'
import { runProgram } from './lib/program.ts'
import { required, version as versionFlag } from './lib/values.ts'
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

const release = command({
  summary: 'checks, builds, scans, signs and writes a release; refuses one that no checklist was run for.',
  options: {
    version: { type: 'string', value: 'X.Y.Z', help: 'The version to release.' },
    repository: { type: 'string', value: 'DIR', help: 'The git repository of the product.' },
    ref: { type: 'string', value: 'REF', help: 'Commit, tag or branch to release (default HEAD).' },
    out: { type: 'string', value: 'DIR', help: 'The folder that gets release-X.Y.Z/.' },
    checklist: {
      type: 'string',
      value: 'NAME',
      help: 'The runbook that must have been run (default release-checklist).',
    },
    input: {
      type: 'string',
      multiple: true,
      value: 'NAME=VALUE',
      help: 'Another input it was run with; version is given.',
    },
    'allow-unsigned': { type: 'boolean', help: 'Let a run without a signature count.' },
    'skip-macos': { type: 'boolean', help: 'Without installers for macOS, and without their credentials.' },
    'skip-windows': { type: 'boolean', help: 'The same for Windows.' },
    ...DRY_RUN,
    ...COMMON,
  } as const,
  examples: [
    'node scripts/release-pipeline.ts --version 1.4.0 --repository .lab/storefront --out dist --dry-run',
    'RELEASE_SIGNING_KEY=~/.ssh/release node scripts/release-pipeline.ts --version 1.4.0 --repository .lab/storefront --out dist --skip-macos --skip-windows',
  ],
  async run(values): Promise<Outcome> {
    const version = versionFlag(required(values.version, '--version'), '--version')
    const dryRun = values['dry-run'] ?? false
    const inputs = [`version=${version}`, ...(values.input ?? [])].flatMap((input) => ['-i', input])
    const request = {
      version,
      repository: required(values.repository, '--repository'),
      ref: values.ref ?? 'HEAD',
      out: resolve(required(values.out, '--out')),
      runId: process.env['RUNBOOK_RUN_ID'] ?? 'by-hand',
      require: [
        values.checklist ?? 'release-checklist',
        ...inputs,
        ...(values['allow-unsigned'] === true ? ['--allow-unsigned'] : []),
      ],
      signingKey: process.env['RELEASE_SIGNING_KEY'] ?? '',
      dryRun,
    }
    if (!dryRun) refuseMissing(values['skip-macos'] !== true, values['skip-windows'] !== true)
    return await pipeline(request)
  },
})

function refuseMissing(macos: boolean, windows: boolean): void {
  const missing = missingFor({ macos, windows, signing: true }, process.env)
  if (missing.length === 0) return
  throw new Failure(
    `${missing.length} things are missing, and nothing was done.`,
    missing.map(({ what }) => what).join(', '),
    missing.map(({ remedy }) => remedy).join(' '),
  )
}

/** Runs the stages in order; the first that fails ends it, with nothing public done. */
async function pipeline(request: ReleaseRequest): Promise<Outcome> {
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
    throw new Failure(
      'The tests of the product fail.',
      `npm test ended with ${ran.status}.`,
      'Make them pass first.',
    )
  return ['done', 'npm test passes']
}

export const program: Program = {
  name: 'node scripts/release-pipeline.ts',
  summary: 'make a release.',
  commands: { release },
  fallback: 'release',
}

if (import.meta.main) await runProgram(program)
