import { findSecrets } from '../../../runner/model/text/secrets.ts'
import { readEntry, readUnreleased } from '../../changelog.ts'
import { sha256 } from '../../domain/artifact.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { git } from '../../lib/git.ts'
import { type Product, readProduct } from '../../domain/product.ts'
import { type CheckedBy, type ReleaseDocument, releaseMetadata } from './metadata.ts'
import type { Evidence } from './evidence.ts'
import { NOTES, type ReleaseFacts, releaseNotes } from './notes.ts'
import { tar } from './tar.ts'
import { counted } from '../../../runner/model/counted.ts'

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
  /** The run of that runbook whose step this is; undefined elsewhere. */
  ownRun: string | undefined
  /** Undefined for a release without a signature. */
  signingKey: string | undefined
  /** Whether the tests of the product are run. */
  tests: boolean
  dryRun: boolean
  /** The folder that gets installers of a rehearsal, in a dry run. */
  rehearse: string | undefined
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
  return { product, facts: { entry, next: readUnreleased(changelog), ...history } }
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
  return `searched ${counted(product.files.length, 'file')} for secrets and found none; known vulnerabilities were not looked up`
}

/** The files of the release and what its metadata says. */
export async function assemble(
  request: ReleaseRequest,
  product: Product,
  facts: ReleaseFacts,
  seen: { checkedBy: CheckedBy | undefined; evidence: Evidence | undefined; testing: string },
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
    ...seen,
    signed: request.signingKey !== undefined,
    files: [{ name: archive, size: content.length, sha256: sha256(content) }],
  })
  const files = new Map([
    [archive, content],
    [NOTES, Buffer.from(notes)],
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
    ...(seen.checkedBy === undefined ? {} : { checkedBy: seen.checkedBy }),
    sumsSigned: request.signingKey !== undefined,
    artifacts,
    createdAt: new Date().toISOString(),
    dryRun,
  }
  return { files, metadata: releaseMetadata.parse(metadata) }
}
