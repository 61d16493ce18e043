import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { access, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findSecrets } from '../../../runner/model/text/secrets.ts'
import { readEntry, readUnreleased } from '../../changelog.ts'
import { sha256 } from '../../domain/artifact.ts'
import { syncFolder, writeSynced } from '../../lib/atomic.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { ownProgram } from '../../../runner/kit/own-program.ts'
import { git } from '../../lib/git.ts'
import { type Product, readProduct } from '../../domain/product.ts'
import { type CheckedBy, type ReleaseDocument, releaseMetadata } from './metadata.ts'
import { type ReleaseFacts, releaseNotes } from './notes.ts'
import { checkSignature, signSums } from './sign.ts'
import { tar } from './tar.ts'

/** The release to make. */
export interface ReleaseRequest {
  version: string
  repository: string
  ref: string
  out: string
  runId: string
  /** The runbook whose run must have checked the commit, its inputs as `name=value`, and whether it may be unsigned. */
  checklist: string
  inputs: readonly string[]
  allowUnsigned: boolean
  signingKey: string
  dryRun: boolean
}

/**
 * How one stage ended. `already`: an earlier run did it. `planned`: it would be done outside a dry run. `not-done`: this
 * program does not do it, and the detail says why.
 */
export interface Stage {
  name: string
  status: 'done' | 'already' | 'planned' | 'not-done'
  detail: string
}

/** The product at its commit, with a version and a changelog that fit. @throws {CliError} */
export async function versionCheck({
  repository,
  ref,
  version,
}: ReleaseRequest): Promise<{ product: Product; facts: ReleaseFacts }> {
  const product = await readProduct(repository, ref)
  if (product.version !== version)
    throw new CliError(
      exit.failed,
      `Version ${version} cannot be released from ${ref}: package.json says ${product.version} there`,
      'Give the version of the commit, or the commit of the version.',
    )
  const changelog = await git(repository, ['show', `${product.commit}:CHANGELOG.md`])
  const entry = readEntry(changelog, version)
  const history = await commitsSince(repository, product.commit)
  const facts = {
    entry,
    next: readUnreleased(changelog),
    ...history,
    tested: testScript(product) !== undefined,
  }
  return { product, facts }
}

async function commitsSince(
  repository: string,
  commit: string,
): Promise<{ since: string | undefined; commits: string[] }> {
  // Not the tag of this very version, which a second run finds.
  const before = ['describe', '--tags', '--abbrev=0', `${commit}^`]
  const since = await git(repository, before).catch(() => undefined)
  const range = since === undefined ? commit : `${since}..${commit}`
  const log = await git(repository, ['log', '--format=%h %s', range])
  return { since, commits: log.split('\n').filter(Boolean) }
}

/** The test script of the product, when it has one. */
export function testScript(product: Product): string | undefined {
  const file = product.files.find(({ name }) => name === 'package.json')
  const { scripts } = JSON.parse(file?.content.toString('utf8') ?? '{}') as {
    scripts?: Record<string, string>
  }
  return scripts?.['test']
}

/**
 * The run that checked this commit: completed, approved, verified, and with the commit in its output `commit`.
 * @throws {CliError} when there is none
 */
export function requireChecked(
  { checklist, inputs, allowUnsigned }: ReleaseRequest,
  commit: string,
): CheckedBy {
  const given = inputs.flatMap((input) => ['-i', input])
  const signed = allowUnsigned ? ['--allow-unsigned'] : []
  const args = ['require', checklist, ...given, '--output', `commit=${commit}`, ...signed]
  const ran = spawnSync(process.execPath, [ownProgram, ...args], { encoding: 'utf8' })
  const run = ran.stdout.trim()
  if (ran.status === 0 && run !== '') return { runbook: checklist, run, unsignedAllowed: allowUnsigned }
  throw new CliError(
    exit.failed,
    `Commit ${commit} was not checked: ${refusalOf(ran.stderr) || `runbook require ended with ${ran.status}`}`,
    `Run \`${checklist}\` for exactly this version and commit to its end, with its approvals.`,
  )
}

/** The failure of `runbook require`, and why each run about this release does not count. */
function refusalOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('  hint:'))
  const error = lines.filter((line) => line.startsWith('error: ')).map((line) => line.slice('error: '.length))
  return [...error, ...lines.filter((line) => !line.startsWith('error: '))].join('; ')
}

/** Refuses what must never leave the house. @throws {CliError} naming the file, never the secret */
export function securityScan(product: Product): string {
  for (const { name, content } of product.files) {
    const secret = content.toString('utf8').split('\n').flatMap(findSecrets)[0]
    if (secret !== undefined)
      throw new CliError(
        exit.failed,
        `${name} holds ${secret.what}: it would be published`,
        'Remove it, and replace the secret: it is in the history.',
      )
  }
  return `searched ${product.files.length} files for secrets and found none; known vulnerabilities were not looked up`
}

/** The files of the release and what its metadata says. */
export async function assemble(
  request: ReleaseRequest,
  product: Product,
  facts: ReleaseFacts,
  checkedBy: CheckedBy | undefined,
): Promise<{ files: Map<string, Buffer>; metadata: ReleaseDocument }> {
  const stem = `${product.name}-${product.version}`
  const archive = `${stem}.tar`
  const time = await git(request.repository, ['show', '--no-patch', '--format=%ct', product.commit])
  const content = await tar(
    product.files.map((file) => ({ ...file, name: `${stem}/${file.name}` })),
    Number(time),
  )
  const notes = releaseNotes({
    ...facts,
    commit: product.commit,
    components: [{ name: product.name, version: product.version }],
    checklist: request.checklist,
    files: [{ name: archive, size: content.length, sha256: sha256(content) }],
  })
  const files = new Map([
    [archive, content],
    ['RELEASE_NOTES.md', Buffer.from(notes)],
  ])
  const artifacts = [...files].map(([name, bytes]) => ({
    name,
    platform: 'any' as const,
    size: bytes.length,
    sha256: sha256(bytes),
    signed: false,
    notarized: false,
  }))
  const { version, runId, dryRun } = request
  const metadata = {
    version,
    commit: product.commit,
    runId,
    ...(checkedBy === undefined ? {} : { checkedBy }),
    artifacts,
    createdAt: new Date().toISOString(),
    dryRun,
  }
  return { files, metadata: releaseMetadata.parse(metadata) }
}

/**
 * Writes `<out>/release-<version>/` whole, in one rename, or not at all; signed, and the signature checked. One that is
 * there already and has the same files is unchanged.
 */
export async function createRelease(
  request: ReleaseRequest,
  files: ReadonlyMap<string, Buffer>,
  metadata: ReleaseDocument,
): Promise<{ status: 'done' | 'already'; detail: string }> {
  const folder = join(request.out, `release-${request.version}`)
  if (await isThere(folder)) return { status: 'already', detail: await sameRelease(folder, metadata) }
  const temporary = join(request.out, `.release-${request.version}.${randomUUID()}.tmp`)
  const all = new Map([
    ...files,
    ['release-metadata.json', Buffer.from(`${JSON.stringify(metadata, null, 2)}\n`)],
  ])
  const sums = [...all].map(([name, content]) => `${sha256(content)}  ${name}\n`).join('')
  try {
    await mkdir(temporary, { recursive: true })
    for (const [name, content] of all) await writeSynced(join(temporary, name), content)
    await writeSynced(join(temporary, 'SHA256SUMS'), sums)
    await writeSynced(join(temporary, 'SHA256SUMS.sig'), signSums(request.signingKey, sums))
    checkSignature(join(temporary, 'SHA256SUMS.sig'), sums)
    await syncFolder(temporary)
    await rename(temporary, folder)
    await syncFolder(request.out)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return { status: 'done', detail: folder }
}

/** Holds a release that is there against the wanted one. @returns its folder, with what is in it and not of it */
async function sameRelease(folder: string, wanted: ReleaseDocument): Promise<string> {
  const sums = await readFile(join(folder, 'SHA256SUMS'), 'utf8')
  checkSignature(join(folder, 'SHA256SUMS.sig'), sums)
  const other = wanted.artifacts.find(({ name, sha256: digest }) => !sums.includes(`${digest}  ${name}\n`))
  if (other !== undefined)
    throw new CliError(
      exit.failed,
      `${folder} already holds another release of ${wanted.version}: its ${other.name} has another digest`,
      'A version is released once: raise it.',
    )
  const declared = sums
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(line.indexOf('  ') + 2))
  const names = await readdir(folder)
  const missing = declared.find((name) => !names.includes(name))
  if (missing !== undefined)
    throw new CliError(
      exit.failed,
      `${missing} is missing in ${folder}: SHA256SUMS lists it`,
      'Move the folder away, and make the release again.',
    )
  const extra = names.filter((name) => !['SHA256SUMS', 'SHA256SUMS.sig', ...declared].includes(name))
  return extra.length === 0 ? folder : `${folder}; not part of it: ${extra.join(', ')}`
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
