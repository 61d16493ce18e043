import {
  defineCommand,
  defineProgram,
  flag,
  many,
  optional,
  required,
  withDefault,
} from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { filePath, semver, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { resolve } from 'node:path'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { type Product, commitOf, readProduct } from './domain/product.ts'
import { requireChecked } from './programs/release/checked-by.ts'
import {
  createRelease,
  releaseFolder,
  removeRelease,
  verifyRelease,
} from './programs/release/create-release.ts'
import { evidenceOf } from './programs/release/evidence.ts'
import { refuseRetracted, retractionFile, writeRetraction } from './programs/release/retraction.ts'
import { type Needs, missingFor } from './programs/release/release-preflight.ts'
import { isTagged, tagCommit, untag } from './programs/release/release-tag.ts'
import { testCommit } from './programs/release/run-tests.ts'
import { rehearseInstallers } from './programs/release/rehearse-installers.ts'
import {
  type ReleaseRequest,
  type Stage,
  assemble,
  securityScan,
  testScript,
  versionCheck,
} from './programs/release/stages.ts'
import { makeFolder } from '../runner/make-folder.ts'

const PRODUCT = {
  repository: withDefault(filePath('folder'), '.', 'The git repository of the product.'),
  ref: withDefault(string('ref'), 'HEAD', 'Commit, tag or branch to release.'),
}
const RELEASE = {
  version: required(semver, 'The version to release.'),
  ...PRODUCT,
  out: withDefault(filePath('folder'), 'dist', 'The folder that gets release-X.Y.Z/.'),
}

const release = defineCommand({
  name: 'release',
  summary: 'Test, pack, sign, write and tag a release; refuse a commit that no checklist was run for.',
  args: {},
  options: {
    ...RELEASE,
    checklist: withDefault(
      string('name'),
      'release-checklist',
      'The runbook that must have been run for this commit; its output `commit` names it. In a step of that runbook it is this run.',
    ),
    input: many(string('name=value'), 'Another input it was run with; version is given.'),
    allowUnsigned: flag('Let a run without a signature count.'),
    unsigned: flag('Make a release without a signature; its metadata says so.'),
    withoutTests: flag('Do not run the tests of the product; the notes say so.'),
    skipMacos: flag('Without installers for macOS, and without their credentials.'),
    skipWindows: flag('The same for Windows.'),
    rehearse: optional(
      filePath('folder'),
      'With --dry-run: make the installers in this folder, signed by a certificate that is thrown away.',
    ),
  },
  effect: 'write',
  examples: [
    'runbook release --version 1.4.0 --dry-run --skip-macos',
    'runbook release --version 1.4.0 --repository .lab/storefront --out dist --dry-run',
    'runbook release --version 1.4.0 --repository .lab/storefront --dry-run --rehearse build/rehearsal',
    'RELEASE_SIGNING_KEY=~/.ssh/release runbook release --version 1.4.0 --repository .lab/storefront --out dist --skip-macos --skip-windows',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { version, checklist, unsigned, rehearse } = options
    if (rehearse !== undefined && !dryRun)
      throw new CliError(
        exit.usage,
        'Installers are rehearsed only in a dry run',
        'Add --dry-run, or make them with `runbook installer`.',
      )
    const { RUNBOOK_RUN_ID: runId, RUNBOOK_SLUG: slug, RELEASE_SIGNING_KEY: key = '' } = process.env
    const request = {
      version,
      repository: options.repository,
      ref: options.ref,
      out: resolve(options.out),
      runId: runId ?? 'by-hand',
      checklist,
      inputs: [`version=${version}`, ...options.input],
      allowUnsigned: options.allowUnsigned,
      ownRun: slug === checklist ? runId : undefined,
      signingKey: unsigned ? undefined : key,
      tests: !options.withoutTests,
      dryRun,
      rehearse,
    }
    if (!dryRun)
      refuseMissing({ macos: !options.skipMacos, windows: !options.skipWindows, signing: !unsigned })
    return await pipeline(request)
  },
})

const test = defineCommand({
  name: 'test',
  summary: 'Run the tests of a product in a clean export of a commit.',
  args: {},
  options: PRODUCT,
  effect: 'write',
  examples: ['runbook release test --repository .lab/storefront'],
  async run({ options: { repository, ref }, dryRun }): Promise<CommandReport> {
    const product = await readProduct(repository, ref)
    const [status, detail] = await buildTest(product, { repository, dryRun, tests: true })
    return { document: { ok: true, status, detail }, text: `${MARKS[status]} ${detail}\n` }
  },
})

const check = defineCommand({
  name: 'check',
  summary: 'Exit with 0 when the release is made and tagged, and with 1 when it is not.',
  args: {},
  options: RELEASE,
  effect: 'read',
  examples: ['runbook release check --version 1.4.0 --repository .lab/storefront'],
  async run({ options }): Promise<CommandReport> {
    const { repository, version } = options
    const commit = await commitOf(repository, options.ref)
    const metadata = await verifyRelease(releaseFolder({ out: resolve(options.out), version }))
    const holds = (await isTagged(repository, version, commit)) && metadata.commit === commit
    const text = holds ? `${version} is released and tagged\n` : `${version} is not released from ${commit}\n`
    return { document: { holds, commit }, text, exitCode: holds ? 0 : 1 }
  },
})

const undo = defineCommand({
  name: 'undo',
  summary: 'Remove the tag and the files of a release that nobody has fetched yet.',
  args: {},
  options: RELEASE,
  effect: 'write',
  examples: ['runbook release undo --version 1.4.0 --repository .lab/storefront'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { repository, version } = options
    const folder = releaseFolder({ out: resolve(options.out), version })
    const commit = await commitOf(repository, options.ref)
    if (dryRun) return { document: { ok: true, dryRun }, text: `$ would remove v${version} and ${folder}\n` }
    const removed = await removeRelease(folder, commit)
    const untagged = await untag(repository, version, commit)
    const words = [...(removed ? [folder] : []), ...(untagged ? [`the tag v${version}`] : [])]
    const text = words.length === 0 ? `= ${version} is not released\n` : `+ removed ${words.join(' and ')}\n`
    return { document: { ok: true, removed, untagged }, text }
  },
})

const retractCommand = defineCommand({
  name: 'retract',
  summary: 'Remove a release and its tag, and leave a note of it. The version is never released again.',
  args: {},
  options: { ...RELEASE, reason: required(string('text'), 'Why; the note has it.') },
  effect: 'write',
  examples: [
    'runbook release retract --version 1.4.0 --repository .lab/storefront --reason "It loses orders"',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { repository, version, reason } = options
    const out = resolve(options.out)
    const commit = await commitOf(repository, options.ref)
    const note = retractionFile({ out, version })
    const text = (mark: string): string =>
      `${mark} v${version} and ${releaseFolder({ out, version })}; ${note} says why\n`
    if (dryRun) return { document: { ok: true, dryRun, note }, text: text('$ would remove') }
    const run = process.env['RUNBOOK_RUN_ID'] ?? 'by-hand'
    const isNew = await writeRetraction(note, {
      version,
      commit,
      reason,
      run,
      at: new Date().toISOString(),
    })
    const removed = await removeRelease(releaseFolder({ out, version }), commit)
    const untagged = await untag(repository, version, commit)
    const changed = isNew || removed || untagged
    return {
      document: { ok: true, changed, note, removed, untagged },
      text: text(changed ? '+ removed' : '= removed'),
    }
  },
})

function refuseMissing(needs: Needs): void {
  const missing = missingFor(needs, process.env)
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
  await refuseRetracted(request)
  // Before anything is done: a tag that is elsewhere ends it.
  const tagged = await isTagged(request.repository, request.version, product.commit)
  const checkedBy = dryRun ? undefined : await requireChecked(request, product.commit)
  if (checkedBy === undefined)
    add('version-check', 'done', `${subject}; would require a run of ${checklist} that checked it`)
  else add('version-check', 'done', `${subject}, checked by ${checkedBy.run}`)
  const tested = await buildTest(product, request)
  add('build-test', ...tested)
  add('build-images', 'not-done', 'this program builds no images; use `runbook images`')
  const evidence = checkedBy && (await evidenceOf(checkedBy.run))
  const { files, metadata } = await assemble(request, product, facts, {
    checkedBy,
    evidence,
    testing: sentence(tested),
  })
  const rehearsed =
    request.rehearse === undefined
      ? []
      : await rehearseInstallers(request.repository, product, request.rehearse)
  const bytes = metadata.artifacts.reduce((sum, { size }) => sum + size, 0)
  add(
    'build-packages',
    dryRun ? 'planned' : 'done',
    `${metadata.artifacts.map(({ name }) => name).join(', ')}; ${[`${bytes} bytes`, ...rehearsed].join('; ')}`,
  )
  add('security-scan', 'done', securityScan(product))
  const tag = `v${request.version}`
  if (dryRun) {
    const signed = request.signingKey === undefined ? 'write without a signature' : 'write and sign'
    add('create-release', 'planned', `would ${signed} ${releaseFolder(request)}, and tag ${tag}`)
  } else {
    makeFolder(request.out, 0o777)
    const { status, detail } = await createRelease(request, files, metadata)
    if (!tagged) await tagCommit(request.repository, request.version, product.commit, checkedBy?.run ?? '')
    const signed = request.signingKey === undefined ? ', not signed' : ''
    add('create-release', tagged ? status : 'done', `${detail}${signed}, tag ${tag}`)
  }
  const registry = product.isPrivate
    ? `package.json says that ${product.name} is private`
    : 'this program publishes nothing to a registry; use `runbook publish`'
  add('publish-npm', 'not-done', registry)
  add('notify', 'not-done', 'this program notifies nobody; use `runbook notify`')
  const lines = stages.map(
    ({ name, status, detail }) =>
      `${MARKS[status]} ${name.padEnd(15)} ${status === 'not-done' ? 'not done: ' : ''}${detail}\n`,
  )
  const text = dryRun ? `${JSON.stringify(metadata, null, 2)}\n${lines.join('')}` : lines.join('')
  return { document: { ok: true, metadata, stages }, text }
}

const MARKS = { done: '+', already: '=', planned: '$', 'not-done': '-' }

async function buildTest(
  product: Product,
  { repository, dryRun, tests }: Pick<ReleaseRequest, 'repository' | 'dryRun' | 'tests'>,
): Promise<[Stage['status'], string]> {
  if (testScript(product) === undefined) return ['not-done', 'package.json has no test script']
  if (!tests) return ['not-done', 'the call has --without-tests']
  if (dryRun) return ['planned', 'would run npm test in a clean export of the commit']
  const passed = await testCommit(repository, product.commit)
  return ['done', `${passed} passed in a clean export of ${product.commit}`]
}

function sentence([status, detail]: [Stage['status'], string]): string {
  return status === 'done' ? `${detail}.` : `The pipeline ran no tests: ${detail}.`
}

export const program = defineProgram({
  name: 'runbook release',
  summary: 'Make a release.',
  commands: [release, test, check, undo, retractCommand],
  fallback: 'release',
})

if (import.meta.main) await runProgram(program)
