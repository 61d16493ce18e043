import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { stringify } from 'yaml'
import * as z from 'zod'
import { fetchByProxy } from '../../../runner/engine/process/http-proxies.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { parseYaml } from '../../../runner/model/text/yaml.ts'
import { messageOf } from '../../lib/errors.ts'
import { verifySigner } from '../release/sign.ts'
import { firstIssue } from '../../../runner/model/first-issue.ts'

const sha512 = z.string().regex(/^[A-Za-z0-9+/]{86}==$/, 'Expected SHA-512 in Base64')
const file = z.strictObject({
  // A feed that names another server would send its users there.
  url: z.string().regex(/^[^/\\:?#]+$/, 'Expected the name of a file beside the feed'),
  sha512,
  size: z.int().min(1),
})
const feed = z
  .strictObject({
    version: z.string(),
    files: z.array(file).min(1),
    path: z.string(),
    sha512,
    releaseDate: z.iso.datetime(),
    stagingPercentage: z.int().min(0).max(100).optional(),
  })
  .refine(
    ({ path, sha512: digest, files }) => files.some((one) => one.url === path && one.sha512 === digest),
    'Expected `path` and `sha512` to be those of one of the files',
  )

/** A feed that programs on desktops read to update themselves, as electron-updater defines it. */
export type Feed = z.output<typeof feed>

/** The endings that electron-updater adds to the name of a channel. */
const ENDINGS = { windows: '', macos: '-mac', linux: '-linux' } as const
export type FeedPlatform = keyof typeof ENDINGS

/** The file name of a feed: `latest.yml` for Windows, `latest-mac.yml`, `latest-linux.yml`. */
export function feedName(channel: string, platform: FeedPlatform): string {
  return `${channel}${ENDINGS[platform]}.yml`
}

/** Makes a feed of files. @param staging the share of users who get the version, in percent */
export async function feedOf({
  version,
  files,
  staging,
  now,
}: {
  version: string
  files: readonly string[]
  staging: number
  now: Date
}): Promise<Feed> {
  const listed = await Promise.all(
    files.map(async (path) => {
      const content = await readFile(path).catch((error: unknown) => {
        throw new CliError(exit.failed, `${path} cannot be read: ${messageOf(error)}`, 'Name the installers.')
      })
      return { url: basename(path), sha512: digestOf(content), size: content.length }
    }),
  )
  const [first] = listed
  if (first === undefined) throw new CliError(exit.usage, 'A feed needs a file', 'Name the installers.')
  return feed.parse({
    version,
    files: listed,
    path: first.url,
    sha512: first.sha512,
    releaseDate: now.toISOString(),
    stagingPercentage: staging,
  })
}

export function feedText(of: Feed): string {
  return stringify(of, { lineWidth: 0 })
}

/** @throws {CliError} naming the first thing that is wrong */
export function readFeed(text: string, where: string): Feed {
  const refuse = (what: string): CliError =>
    new CliError(
      exit.failed,
      `${where} is not a feed of updates: ${what}`,
      'Write it with `runbook feed write`.',
    )
  let value: unknown
  try {
    value = parseYaml(text)
  } catch (error) {
    throw refuse(messageOf(error).split('\n')[0] ?? '')
  }
  const read = feed.safeParse(value)
  if (read.success) return read.data
  throw refuse(firstIssue(read.error))
}

/** A feed, and the problems of its files. */
export interface FeedCheck {
  feed: Feed
  problems: string[]
}

/** Who may sign a feed: a file in the form of `allowed_signers`, and the name in it. */
export interface FeedSigner {
  signers: string
  signer: string
}

/** The detached signature of a feed is beside it. @param where a path or an address */
export function signatureOf(where: string): string {
  return `${where}.sig`
}

/**
 * Reads a feed as a client does, from a file or an address, and checks every file of it against its digest and size.
 * @param by who must have signed the feed; without it no signature is asked for
 * @throws {CliError} when the feed cannot be read, or its signature is missing, of other bytes or of another key
 */
export async function checkFeed(where: string, by?: FeedSigner): Promise<FeedCheck> {
  const isRemote = /^https?:\/\//.test(where)
  const load = isRemote ? fetched : async (path: string) => await readFile(path)
  const loadText = async (path: string): Promise<string> => {
    const content = await load(path).catch((error: unknown) => {
      throw new CliError(
        exit.failed,
        `${path} cannot be read: ${messageOf(error)}`,
        'Check the path or address.',
      )
    })
    return content.toString('utf8')
  }
  const text = await loadText(where)
  if (by !== undefined)
    verifySigner('the feed', { ...by, signature: await loadText(signatureOf(where)) }, text)
  const read = readFeed(text, where)
  const problems: string[] = []
  for (const { url, sha512: expected, size } of read.files) {
    const path = isRemote ? new URL(encodeURIComponent(url), where).href : join(dirname(where), url)
    const content = await load(path).catch((error: unknown) => messageOf(error))
    if (typeof content === 'string') problems.push(`${url} cannot be read: ${content}`)
    else if (content.length !== size)
      problems.push(`${url} has ${content.length} bytes, and the feed says ${size}`)
    else if (digestOf(content) !== expected) problems.push(`${url} has another SHA-512 than the feed says`)
  }
  return { feed: read, problems }
}

async function fetched(address: string): Promise<Buffer> {
  const response = await fetchByProxy(address, { signal: AbortSignal.timeout(600_000) })
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}

function digestOf(content: Uint8Array): string {
  return createHash('sha512').update(content).digest('base64')
}
