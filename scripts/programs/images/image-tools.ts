import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as z from 'zod'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { endOf, runTool } from '../../lib/tool.ts'
import { lastLine } from '../../../runner/model/last-line.ts'

/** The processors that an image is made for, by the names of the registry. */
export const PLATFORMS = ['amd64', 'arm64'] as const
export type Platform = (typeof PLATFORMS)[number]

/** One image of a list: the processor, its digest, and the user that its processes have. */
interface PlatformImage {
  platform: string
  digest: string
  user: string
}

/** A list of images under one name, as a registry or a folder holds it. */
export interface ImageList {
  digest: string
  images: PlatformImage[]
}

const index = z.object({
  manifests: z.array(
    z.object({ digest: z.string(), platform: z.object({ architecture: z.string(), os: z.string() }) }),
  ),
})
const config = z.object({ config: z.object({ User: z.string().default('') }).default({ User: '' }) })

/** Buildah with a store of its own: the images of the user are neither read nor changed. It needs no privileges beyond its user's. */
export function buildah(store: string): (args: readonly string[]) => Promise<string> {
  const where = ['--root', join(store, 'root'), '--runroot', join(store, 'run'), '--storage-driver', 'vfs']
  return async (args) =>
    await runTool('buildah', [...where, ...args], { env: { BUILDAH_ISOLATION: 'chroot' } })
}

/** A registry on this machine is asked without TLS, and no other one. @param side `src-` or `dest-` in a copy */
function tls(name: string, side = ''): string {
  const isHere = /^docker:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?\//.test(name)
  return `--${side}tls-verify=${!isHere}`
}

/**
 * Reads a list of images back, from a registry (`docker://…`) or a folder (`oci:…`).
 * @returns undefined when there is nothing under that name
 * @throws {CliError} when it cannot be read, or is a single image
 */
export async function readImages(source: string): Promise<ImageList | undefined> {
  const raw = await endOf('skopeo', ['inspect', '--raw', tls(source), source])
  if (raw.code !== 0) {
    if (/manifest unknown|not found|name unknown|StatusCode: 404/i.test(raw.stderr)) return undefined
    throw new CliError(
      exit.failed,
      `${source} cannot be read: ${lastLine(raw.stderr)}`,
      'Check the name, and REGISTRY_AUTH_FILE for the account.',
    )
  }
  const read = index.safeParse(JSON.parse(raw.stdout))
  if (!read.success)
    throw new CliError(
      exit.failed,
      `${source} is not a list of images for several processors`,
      'Build it with `runbook images build`.',
    )
  const images: PlatformImage[] = []
  for (const { digest, platform } of read.data.manifests) {
    const args = [
      'inspect',
      '--config',
      '--override-os',
      platform.os,
      '--override-arch',
      platform.architecture,
    ]
    const text = await runTool('skopeo', [...args, tls(source), source])
    images.push({
      platform: `${platform.os}/${platform.architecture}`,
      digest,
      user: config.parse(JSON.parse(text)).config.User,
    })
  }
  return { digest: `sha256:${createHash('sha256').update(raw.stdout).digest('hex')}`, images }
}

/** Copies a list with all its images. */
export async function copyImages(from: string, to: string): Promise<void> {
  await runTool('skopeo', ['copy', '--all', '--preserve-digests', tls(to, 'dest-'), from, to])
}

/** Refuses an image whose processes are root's, and a list that lacks a processor. @throws {CliError} naming each */
export function requireSafe(name: string, { images }: ImageList, platforms: readonly string[]): void {
  const missing = platforms.filter((one) => !images.some(({ platform }) => platform === `linux/${one}`))
  const roots = images.filter(({ user }) => isRoot(user))
  const problems = [
    ...missing.map((one) => `it has no image for linux/${one}`),
    ...roots.map(({ platform, user }) => `its processes on ${platform} are root's (user \`${user}\`)`),
  ]
  if (problems.length === 0) return
  throw new CliError(
    exit.failed,
    `${name} is refused: ${problems.join('; ')}`,
    'Build it for each processor, with a user such as 1000:1000.',
  )
}

/** No user, `root` and 0 are the same, with a group or without it. */
export function isRoot(user: string): boolean {
  const [name = ''] = user.split(':')
  return name === '' || name === 'root' || /^0+$/.test(name)
}
