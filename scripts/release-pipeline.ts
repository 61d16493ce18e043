import { defineCommand, defineProgram, flag, many, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { filePath, semver, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import type { Product } from './domain/product.ts'
import { missingFor } from './programs/release/release-preflight.ts'
import { testCommit } from './programs/release/run-tests.ts'
import {
  type ReleaseRequest,
  type Stage,
  assemble,
  createRelease,
  requireChecked,
  securityScan,
  testScript,
  versionCheck,
} from './programs/release/stages.ts'

const release = defineCommand({
  name: 'release',
  summary: 'Test, pack, sign and write a release; refuse a commit that no checklist was run for.',
  args: {},
  options: {
    version: required(semver, 'The version to release.'),
    repository: withDefault(filePath('folder'), '.', 'The git repository of the product.'),
    ref: withDefault(string('ref'), 'HEAD', 'Commit, tag or branch to release.'),
    out: withDefault(filePath('folder'), 'dist', 'The folder that gets release-X.Y.Z/.'),
    checklist: withDefault(
      string('name'),
      'release-checklist',
      'The runbook that must have been run for this commit; its output `commit` names it.',
    ),
    input: many(string('name=value'), 'Another input it was run with; version is given.'),
    allowUnsigned: flag('Let a run without a signature count.'),
    skipMacos: flag('Without installers for macOS, and without their credentials.'),
    skipWindows: flag('The same for Windows.'),
  },
  effect: 'write',
  examples: [
    'runbook release --version 1.4.0 --dry-run --skip-macos',
    'runbook release --version 1.4.0 --repository .lab/storefront --out dist --dry-run',
    'RELEASE_SIGNING_KEY=~/.ssh/release runbook release --version 1.4.0 --repository .lab/storefront --out dist --skip-macos --skip-windows',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const version = options.version
    const request = {
      version,
      repository: options.repository,
      ref: options.ref,
      out: resolve(options.out),
      runId: process.env['RUNBOOK_RUN_ID'] ?? 'by-hand',
      checklist: options.checklist,
      inputs: [`version=${version}`, ...options.input],
      allowUnsigned: options.allowUnsigned,
      signingKey: process.env['RELEASE_SIGNING_KEY'] ?? '',
      dryRun,
    }
    if (!dryRun) refuseMissing(!options.skipMacos, !options.skipWindows)
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
async function pipeline(request: ReleaseRequest): Promise<CommandReport> {
  const { dryRun, checklist } = request
  const stages: Stage[] = []
  const add = (name: string, status: Stage['status'], detail: string): void =>
    void stages.push({ name, status, detail })
  const { product, facts } = await versionCheck(request)
  const subject = `${product.version} of ${product.commit}`
  const checkedBy = dryRun ? undefined : requireChecked(request, product.commit)
  if (checkedBy === undefined)
    add('version-check', 'done', `${subject}; would require a run of ${checklist} that checked it`)
  else add('version-check', 'done', `${subject}, checked by ${checkedBy.run}`)
  add('build-test', ...(await buildTest(product, request)))
  add('build-images', 'not-done', 'this program builds no images')
  const { files, metadata } = await assemble(request, product, facts, checkedBy)
  const bytes = metadata.artifacts.reduce((sum, { size }) => sum + size, 0)
  add(
    'build-packages',
    dryRun ? 'planned' : 'done',
    `${metadata.artifacts.map(({ name }) => name).join(', ')}; ${bytes} bytes`,
  )
  add('security-scan', 'done', securityScan(product))
  if (dryRun)
    add('create-release', 'planned', `would write and sign ${request.out}/release-${request.version}`)
  else {
    mkdirSync(request.out, { recursive: true })
    const { status, detail } = await createRelease(request, files, metadata)
    add('create-release', status, detail)
  }
  const registry = product.isPrivate
    ? `package.json says that ${product.name} is private`
    : 'this program publishes nothing to a registry; use `npm publish`'
  add('publish-npm', 'not-done', registry)
  add('notify', 'not-done', 'this program notifies nobody; use `runbook notify`')
  const marks = { done: '+', already: '=', planned: '$', 'not-done': '-' }
  const lines = stages.map(
    ({ name, status, detail }) =>
      `${marks[status]} ${name.padEnd(15)} ${status === 'not-done' ? 'not done: ' : ''}${detail}\n`,
  )
  const text = dryRun ? `${JSON.stringify(metadata, null, 2)}\n${lines.join('')}` : lines.join('')
  return { document: { ok: true, metadata, stages }, text }
}

async function buildTest(
  product: Product,
  { repository, dryRun }: ReleaseRequest,
): Promise<[Stage['status'], string]> {
  if (testScript(product) === undefined) return ['not-done', 'package.json has no test script']
  if (dryRun) return ['planned', 'would run npm test in a clean export of the commit']
  const passed = await testCommit(repository, product.commit)
  return ['done', `${passed} passed in a clean export of ${product.commit}`]
}

export const program = defineProgram({
  name: 'runbook release',
  summary: 'Make a release.',
  commands: [release],
  fallback: 'release',
})

if (import.meta.main) await runProgram(program)
