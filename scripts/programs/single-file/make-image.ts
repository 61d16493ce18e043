import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchFolder } from '../../../runner/scratch-folder.ts'
import { buildah } from '../images/image-tools.ts'
import type { Binary } from './make-binary.ts'

interface ImageOf {
  root: string
  binary: Binary
  version: string
  /** Of everything that is added to the base, in seconds since 1970. */
  time: number
  /** Path of the archive to write. */
  archive: string
  /** The image under it, as buildah names one, and the packages of Debian to install. Default: those of the Containerfile. */
  base?: { image: string; packages: string }
}

/** Makes the image for the processor of this machine, as an archive of OCI that `skopeo copy` pushes to a registry. */
export async function makeImage({ root, binary, version, time, archive, base }: ImageOf): Promise<void> {
  using scratch = scratchFolder('image')
  const work = scratch.path
  const context = join(work, 'context')
  mkdirSync(context)
  copyFileSync(binary.file, join(context, 'runbook'))
  writeFileSync(join(context, 'THIRD-PARTY-LICENSES.txt'), binary.licenses)
  writeFileSync(join(context, 'sbom.cdx.json'), `${JSON.stringify(binary.contents, undefined, 2)}\n`)
  const run = buildah(join(work, 'store'))
  const under = base ? ['--build-arg', `BASE=${base.image}`, '--build-arg', `PACKAGES=${base.packages}`] : []
  const labels = { title: 'runbook', version, licenses: 'MIT' }
  await run([
    'build',
    '--timestamp',
    String(time),
    ...Object.entries(labels).flatMap(([name, value]) => [
      '--label',
      `org.opencontainers.image.${name}=${value}`,
    ]),
    ...under,
    '--file',
    join(root, 'packaging/Containerfile'),
    '--tag',
    'runbook',
    context,
  ])
  rmSync(archive, { force: true })
  await run(['push', 'runbook', `oci-archive:${archive}:runbook:${version}`])
}
