import { defineCommand, defineProgram, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { filePath, semver, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { access, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { basename, dirname, join, resolve } from 'node:path'
import {
  type Artifact,
  type ReleaseMetadata,
  METADATA_FILE,
  SUMS_FILE,
  sha256,
  sumsText,
  verifyArtifact,
} from './domain/artifact.ts'
import { syncFolder, writeSynced } from './lib/atomic.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { codeOf } from './lib/errors.ts'
import { type Product, hasUncommitted, readProduct } from './domain/product.ts'
import { counted } from '../runner/model/counted.ts'
import { makeFolder } from '../runner/make-folder.ts'

/** The source of a build: a commit of a repository, expected to be of this version, into a folder under `out`. */
export interface BuildRequest {
  repository: string
  version: string
  /** Commit, tag or branch; default `HEAD`. */
  ref?: string
  out: string
  dryRun?: boolean
}

/** `written` is false when the same artifact was there already, or in a dry run. */
export interface Built {
  folder: string
  metadata: ReleaseMetadata
  written: boolean
}

/**
 * Builds the product into `<out>/<name>-<version>/`, named as in package.json. The folder appears complete, in one rename, or not at all.
 * Building again finds the same content and leaves it; different content under the same version is refused.
 * @throws {CliError} when the version differs from package.json, or the folder holds something else
 */
export async function build(request: BuildRequest): Promise<Built> {
  const ref = request.ref ?? 'HEAD'
  const product = await readProduct(request.repository, ref)
  if (product.version !== request.version) {
    throw new CliError(
      exit.failed,
      `Version ${request.version} cannot be built from ${ref}: package.json says ${product.version} there`,
      `Set "version" to ${request.version} in package.json and commit, or build ${product.version}.`,
    )
  }
  const folder = folderOf(request.out, product.name, request.version)
  const metadata = metadataOf(product, request.dryRun ?? false)
  const present = await existing(folder)
  if (present !== undefined) return { folder, metadata: sameOrRefuse(present, metadata), written: false }
  if (request.dryRun !== true) await writeArtifact(folder, product, metadata)
  return { folder, metadata, written: request.dryRun !== true }
}

function folderOf(out: string, name: string, version: string): string {
  return join(resolve(out), `${name}-${version}`)
}

function metadataOf(product: Product, dryRun: boolean): ReleaseMetadata {
  const artifacts = product.files.map(({ name, content }) => ({
    name,
    size: content.length,
    sha256: sha256(content),
  }))
  return {
    version: product.version,
    commit: product.commit,
    artifacts,
    createdAt: createdAt(),
    dryRun,
    signed: false,
    notarized: false,
  }
}

// SOURCE_DATE_EPOCH is how reproducible builds fix the one value that differs between two builds.
function createdAt(): string {
  const epoch = process.env['SOURCE_DATE_EPOCH']
  return (
    epoch !== undefined && /^\d{1,11}$/.test(epoch) ? new Date(Number(epoch) * 1000) : new Date()
  ).toISOString()
}

async function existing(folder: string): Promise<Artifact | undefined> {
  try {
    return await verifyArtifact(folder)
  } catch (error) {
    if (await isMissing(folder)) return undefined
    throw error
  }
}

async function isMissing(folder: string): Promise<boolean> {
  return await access(folder).then(
    () => false,
    (error: unknown) => codeOf(error) === 'ENOENT',
  )
}

function sameOrRefuse(present: Artifact, wanted: ReleaseMetadata): ReleaseMetadata {
  const same =
    present.metadata.commit === wanted.commit &&
    sumsText(present.metadata.artifacts) === sumsText(wanted.artifacts)
  if (same) return present.metadata
  throw new CliError(
    exit.failed,
    `${present.folder} already holds another build of ${wanted.version}: it is of commit ${present.metadata.commit}, this one of ${wanted.commit}`,
    'Raise the version, remove that folder, or give another --out.',
  )
}

async function writeArtifact(folder: string, product: Product, metadata: ReleaseMetadata): Promise<void> {
  const out = dirname(folder)
  const temporary = join(out, `.${basename(folder)}.${randomUUID()}.tmp`)
  try {
    for (const { name, content } of product.files) {
      makeFolder(dirname(join(temporary, name)), 0o777)
      await writeSynced(join(temporary, name), content)
    }
    await writeSynced(join(temporary, SUMS_FILE), sumsText(metadata.artifacts))
    await writeSynced(join(temporary, METADATA_FILE), `${JSON.stringify(metadata, null, 2)}\n`)
    await syncFolder(temporary)
    await rename(temporary, folder)
    await syncFolder(out)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  // Read back: what is reported is what is on the disk.
  await verifyArtifact(folder)
}

const OPTIONS = {
  repository: withDefault(filePath('folder'), '.', 'The git repository of the product.'),
  version: required(semver, 'The version to build; must be the one in package.json.'),
  out: withDefault(
    filePath('folder'),
    'dist',
    'The folder that gets NAME-X.Y.Z/, with the name in package.json.',
  ),
  ref: withDefault(string('ref'), 'HEAD', 'Commit, tag or branch to build.'),
}

const buildCommand = defineCommand({
  name: 'build',
  summary: 'Build the product into an artifact folder with digests and release metadata.',
  args: {},
  options: OPTIONS,
  effect: 'write',
  examples: [
    'runbook build --repository .lab/storefront --version 1.4.0 --out dist',
    '(cd dist/storefront-1.4.0 && sha256sum -c SHA256SUMS)',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const repository = options.repository
    const version = options.version
    const built = await build({
      repository,
      version,
      out: options.out,
      ref: options.ref,
      dryRun,
    })
    if (await hasUncommitted(repository))
      process.stderr.write('note: uncommitted changes are not in the artifact.\n')
    const state = built.written ? '+ built' : dryRun ? '$ would build' : '= already built'
    const size = built.metadata.artifacts.reduce((sum, file) => sum + file.size, 0)
    const text = `${state} ${built.folder}\n  version ${version}, commit ${built.metadata.commit.slice(0, 12)}, ${counted(built.metadata.artifacts.length, 'file')}, ${size} bytes, not signed\n`
    return { document: { folder: built.folder, written: built.written, metadata: built.metadata }, text }
  },
})

const folderCommand = defineCommand({
  name: 'folder',
  summary: 'Print the folder that a build goes to, whether it was made or not.',
  args: {},
  options: OPTIONS,
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const { name } = await readProduct(options.repository, options.ref)
    const folder = folderOf(options.out, name, options.version)
    return { document: { folder }, text: `${folder}\n` }
  },
})

export const program = defineProgram({
  name: 'runbook build',
  summary: 'Build the product.',
  commands: [buildCommand, folderCommand],
  fallback: 'build',
})

if (import.meta.main) await runProgram(program)
