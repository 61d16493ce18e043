import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeImage } from './programs/single-file/make-image.ts'

/**
 * `node scripts/release-image.ts [folder]` makes the image of a release from the files that `release-files.ts` wrote
 * into a folder: an archive of OCI for the processor of this machine. It needs buildah, and the registry of the base.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const out = resolve(process.argv[2] ?? join(root, 'dist', 'release'))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const here = `linux-${process.arch}`

await makeImage({
  root,
  binary: {
    file: join(out, `runbook-${here}`),
    licenses: readFileSync(join(out, `THIRD-PARTY-LICENSES-${here}.txt`), 'utf8'),
    contents: JSON.parse(readFileSync(join(out, `sbom-${here}.cdx.json`), 'utf8')) as object,
  },
  version,
  time: Number(process.env['SOURCE_DATE_EPOCH'] ?? 0),
  archive: join(out, `runbook-image-${here}.tar`),
})
