import { cp, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { replaceFolder } from '../../../runner/kit/replace-folder.ts'
import { watched } from '../../../runner/watched.ts'
import { type Payload, unpack } from '../installer/payload.ts'
import { withStage } from '../installer/stage.ts'
import { withExport } from '../release/export-commit.ts'
import { buildah, type ImageList, type Platform, readImages, requireSafe } from './image-tools.ts'

export interface ImageBuild {
  platforms: readonly Platform[]
  /** The image under it: `scratch`, or a name with a registry. */
  base: string
  user: string
  /** A Containerfile of the repository, in the place of a copy of the files. */
  containerfile: string | undefined
  entrypoint: readonly string[]
  repository: string
  /** The folder for the images. */
  folder: string
}

/** Makes the images of a product for each processor, in a folder of the OCI layout, which appears when all have passed. */
export async function buildImages(payload: Payload, build: ImageBuild): Promise<ImageList> {
  return await withStage(async (stage) => {
    const run = buildah(join(stage, 'store'))
    if (build.containerfile === undefined) await copyFiles(payload, build, run, stage)
    else await byContainerfile(payload, build, run)
    const made = join(stage, 'images')
    await run(['manifest', 'push', '--all', '--format', 'oci', 'list', `oci:${made}:${payload.version}`])
    const images = await readImages(`oci:${made}:${payload.version}`)
    if (images === undefined) throw new Error('The images are missing.')
    requireSafe(`${payload.name} ${payload.version}`, images, build.platforms)
    const target = resolve(build.folder)
    // As every layout of OCI has them.
    await replaceFolder(target, ['oci-layout', 'index.json'], async (partial) => {
      await rm(partial, { recursive: true, force: true })
      await rename(made, partial).catch(async (error: unknown) => {
        // The folder for temporary files may be on another disk.
        if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
        await cp(made, partial, { recursive: true })
      })
    })
    return images
  })
}

type Buildah = (args: readonly string[]) => Promise<string>

async function copyFiles(
  payload: Payload,
  { platforms, base, user, entrypoint }: ImageBuild,
  run: Buildah,
  stage: string,
): Promise<void> {
  const files = join(stage, 'files')
  await unpack(payload, files)
  await run(['manifest', 'create', 'list'])
  for await (const platform of watched(platforms, 'images')) {
    const container = (await run(['from', '--arch', platform, base])).trim()
    await run(['copy', '--chown', '0:0', container, files, '/app'])
    const labels = Object.entries(labelsOf(payload)).flatMap(([name, value]) => [
      '--label',
      `${name}=${value}`,
    ])
    const start = entrypoint.length === 0 ? [] : ['--entrypoint', JSON.stringify(entrypoint)]
    await run([
      'config',
      '--os',
      'linux',
      '--arch',
      platform,
      '--user',
      user,
      '--workingdir',
      '/app',
      ...start,
      ...labels,
      container,
    ])
    const image = `image:${platform}`
    await run(['commit', '--quiet', '--timestamp', String(payload.time), container, image])
    await run(['manifest', 'add', 'list', image])
  }
}

/** Builds a Containerfile from a clean export of the commit. A `RUN` for another processor needs its emulation. */
async function byContainerfile(
  payload: Payload,
  { platforms, containerfile = '', repository }: ImageBuild,
  run: Buildah,
): Promise<void> {
  await withExport(repository, payload.commit, async (context) => {
    const labels = Object.entries(labelsOf(payload)).flatMap(([name, value]) => [
      '--label',
      `${name}=${value}`,
    ])
    // One call for all of them adds them to the list in any order, and the digest of the list would differ.
    for await (const platform of watched(platforms, 'images'))
      await run([
        'build',
        '--platform',
        `linux/${platform}`,
        '--manifest',
        'list',
        '--timestamp',
        String(payload.time),
        ...labels,
        '--file',
        join(context, containerfile),
        context,
      ])
  })
}

function labelsOf({ title, version, commit }: Payload): Record<string, string> {
  return {
    'org.opencontainers.image.title': title,
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.revision': commit,
  }
}
