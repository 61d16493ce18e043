import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { sha256 } from '../../domain/artifact.ts'
import { syncFolder, writeSynced } from '../../lib/atomic.ts'
import { type ReleaseDocument, releaseMetadata } from './metadata.ts'
import { NOTES } from './notes.ts'
import { checkSignature, signText } from './sign.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

const SUMS = 'SHA256SUMS'
const SIGNATURE = 'SHA256SUMS.sig'
const METADATA = 'release-metadata.json'

/** The folder of a release. */
export function releaseFolder({ out, version }: { out: string; version: string }): string {
  return join(out, `release-${version}`)
}

/**
 * Writes `<out>/release-<version>/` whole, in one rename, or not at all; with a key it is signed, and the signature
 * checked. One that is there already and has the same archive is unchanged.
 */
export async function createRelease(
  request: { out: string; version: string; signingKey: string | undefined },
  files: ReadonlyMap<string, Buffer>,
  metadata: ReleaseDocument,
): Promise<{ status: 'done' | 'already'; detail: string }> {
  const folder = releaseFolder(request)
  if (existsSync(folder)) return { status: 'already', detail: await sameRelease(folder, metadata) }
  const temporary = join(request.out, `.release-${request.version}.${randomUUID()}.tmp`)
  const all = new Map([...files, [METADATA, Buffer.from(`${JSON.stringify(metadata, null, 2)}\n`)]])
  const sums = [...all].map(([name, content]) => `${sha256(content)}  ${name}\n`).join('')
  try {
    makeFolder(temporary, 0o777)
    for (const [name, content] of all) await writeSynced(join(temporary, name), content)
    await writeSynced(join(temporary, SUMS), sums)
    if (request.signingKey !== undefined) {
      await writeSynced(join(temporary, SIGNATURE), signText('SHA256SUMS', request.signingKey, sums))
      checkSignature('SHA256SUMS', join(temporary, SIGNATURE), sums)
    }
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
  const { commit, version } = await verifyRelease(folder)
  const sums = await readFile(join(folder, SUMS), 'utf8')
  // The notes name the run that made them, which another run of the same commit does not change.
  const other = wanted.artifacts
    .filter(({ name }) => name !== NOTES)
    .find(({ name, sha256: digest }) => !sums.includes(`${digest}  ${name}\n`))
  if (other !== undefined || commit !== wanted.commit)
    throw new CliError(
      exit.failed,
      `${folder} already holds another release of ${version}: ${other === undefined ? `it is of commit ${commit}` : `its ${other.name} has another digest`}`,
      'A version is released once: raise it.',
    )
  const extra = (await readdir(folder)).filter((name) => ![SUMS, SIGNATURE, ...namesIn(sums)].includes(name))
  return extra.length === 0 ? folder : `${folder}; not part of it: ${extra.join(', ')}`
}

/**
 * Checks a release as it is on the disk: every file against its digest, and the signature where it should have one.
 * @returns its metadata
 * @throws {CliError} naming what is missing or was changed
 */
export async function verifyRelease(folder: string): Promise<ReleaseDocument> {
  const damaged = (what: string): CliError =>
    new CliError(exit.failed, what, 'Move the folder away, and make the release again.')
  const sums = await readFile(join(folder, SUMS), 'utf8').catch(() => {
    throw damaged(`${folder} is not a release: it has no ${SUMS}`)
  })
  for (const name of namesIn(sums)) {
    const content = await readFile(join(folder, name)).catch(() => {
      throw damaged(`${name} is missing in ${folder}: ${SUMS} lists it`)
    })
    if (!sums.includes(`${sha256(content)}  ${name}\n`))
      throw damaged(`${name} in ${folder} was changed: its digest is not that of ${SUMS}`)
  }
  const metadata = releaseMetadata.parse(JSON.parse(await readFile(join(folder, METADATA), 'utf8')))
  if (metadata.sumsSigned) checkSignature('SHA256SUMS', join(folder, SIGNATURE), sums)
  return metadata
}

function namesIn(sums: string): string[] {
  return sums
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(line.indexOf('  ') + 2))
}

/** Removes the folder of a release. @returns whether there was one @throws {CliError} when it is of another commit */
export async function removeRelease(folder: string, commit: string): Promise<boolean> {
  if (!existsSync(folder)) return false
  const metadata = releaseMetadata.parse(JSON.parse(await readFile(join(folder, METADATA), 'utf8')))
  if (metadata.commit !== commit)
    throw new CliError(
      exit.failed,
      `${folder} is the release of another commit and is unchanged: it is of ${metadata.commit}`,
      'Give the --ref or the --out of the release that is to go.',
    )
  await rm(folder, { recursive: true })
  return true
}
