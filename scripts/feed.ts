import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readFile } from 'node:fs/promises'
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
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { needed } from '../runner/kit/read-values.ts'
import { choice, filePath, integer, semver, string } from '../runner/kit/types.ts'
import { writeAtomically } from './lib/atomic.ts'
import { messageOf } from './lib/errors.ts'
import { requiredEnv } from './lib/required-env.ts'
import {
  checkFeed,
  feedName,
  feedOf,
  feedText,
  type FeedSigner,
  readFeed,
  signatureOf,
} from './programs/feed/update-feed.ts'
import { checkSignature, signText } from './programs/release/sign.ts'

const percent = integer(0, 100, 'percent')
const sign = flag(
  'Sign the feed with the SSH key of RELEASE_SIGNING_KEY; the signature is beside it, as <feed>.sig.',
)

const write = defineCommand({
  name: 'write',
  summary:
    'Write the feed of a version beside its installers: names, sizes, SHA-512, and the share of users who get it.',
  args: { files: many(filePath('file'), 'The installers; the first is that of clients who know only one.') },
  options: {
    version: required(semver, 'The version.'),
    platform: required(
      choice(['windows', 'macos', 'linux']),
      'Whose feed: latest.yml, latest-mac.yml, latest-linux.yml.',
    ),
    channel: withDefault(string('name'), 'latest', 'The channel, such as latest or beta.'),
    staging: withDefault(percent, '10', 'The share of users who get the version at first.'),
    sign,
  },
  effect: 'write',
  examples: [
    'runbook feed write build/windows/Storefront-Setup-1.4.0.exe --version 1.4.0 --platform windows',
  ],
  async run({ args, options, dryRun }): Promise<CommandReport> {
    const { version, platform, channel, staging } = options
    const folders = new Set(args.files.map((file) => dirname(file)))
    if (folders.size !== 1)
      throw new CliError(
        exit.usage,
        'The files are in different folders, and a feed is beside its files',
        'Copy them into one folder.',
      )
    if (version.includes('-') && channel === 'latest')
      throw new CliError(
        exit.usage,
        `\`${version}\` is a pre-release, and the channel latest is that of every user`,
        'Name its channel, such as --channel beta.',
      )
    const file = join([...folders].join(''), feedName(channel, platform))
    const writeFeed = feedWriter(file, options.sign)
    const feed = await feedOf({ version, files: args.files, staging, now: new Date() })
    if (!dryRun) {
      await writeFeed(feedText(feed))
      await refuseProblems(file)
    }
    const text = `${dryRun ? '$ would write' : '+ wrote'} ${file}: ${version} for ${staging} % of the users\n`
    return { document: { ok: true, dryRun, file, feed }, text }
  },
})

const stage = defineCommand({
  name: 'stage',
  summary: 'Give a version to more users. To fewer only with --back: who has it keeps it.',
  args: { feed: required(filePath('file'), 'The feed.') },
  options: {
    to: required(percent, 'The share of users who get the version.'),
    back: flag('Let the share become smaller.'),
    expect: optional(semver, 'The version that the feed must be of.'),
    sign,
  },
  effect: 'write',
  examples: ['runbook feed stage build/windows/latest.yml --to 50 --expect 1.4.0'],
  async run({ args, options, dryRun }): Promise<CommandReport> {
    const { to, back } = options
    const text = await readFile(args.feed, 'utf8').catch((error: unknown) => {
      throw new CliError(exit.failed, `${args.feed} cannot be read: ${messageOf(error)}`, 'Check the path.')
    })
    const before = readFeed(text, args.feed)
    const from = before.stagingPercentage ?? 100
    if (options.expect !== undefined && options.expect !== before.version)
      throw new CliError(
        exit.failed,
        `${args.feed} is of version ${before.version}, not ${options.expect}`,
        'Name the feed of the version.',
      )
    if (to < from && !back)
      throw new CliError(
        exit.failed,
        `The share of ${before.version} is ${from} % and would become ${to} %`,
        'Users who have the version keep it. To stop it for the others give --back; to replace it release a newer version.',
      )
    const changes = to !== from || options.sign
    const writeFeed = changes ? feedWriter(args.feed, options.sign) : undefined
    await refuseProblems(args.feed)
    if (!dryRun) await writeFeed?.(feedText({ ...before, stagingPercentage: to }))
    const mark = to === from ? '=' : dryRun ? '$ would give' : '+'
    return {
      document: { ok: true, dryRun, version: before.version, from, to },
      text: `${mark} ${before.version}: ${from} % → ${to} % of the users\n`,
    }
  },
})

const check = defineCommand({
  name: 'check',
  summary: 'Read a feed as a client does, and check each file against its SHA-512 and size.',
  args: { feed: required(string('file or url'), 'The feed: a file, or the address that clients ask.') },
  options: {
    expect: optional(semver, 'The version that it must be of.'),
    staging: optional(percent, 'The share of users that it must say.'),
    signers: optional(filePath('file'), 'Who may sign the feed, in the form of allowed_signers of SSH.'),
    signer: optional(string('name'), 'Whose signature it must be: a name in --signers.'),
  },
  effect: 'read',
  examples: ['runbook feed check https://releases.example.com/latest.yml --expect 1.4.0 --staging 10'],
  async run({ args, options }): Promise<CommandReport> {
    const by = signerOf(options)
    const { feed, problems } = await checkFeed(args.feed, by)
    const share = feed.stagingPercentage ?? 100
    if (options.expect !== undefined && feed.version !== options.expect)
      problems.push(`the feed is of version ${feed.version}, not ${options.expect}`)
    if (options.staging !== undefined && share !== options.staging)
      problems.push(`the share of users is ${share} %, not ${options.staging} %`)
    const ok = problems.length === 0
    const lines = ok
      ? feed.files.map(({ url, size }) => `+ ${url}  ${size} bytes, SHA-512 as in the feed\n`)
      : problems.map((problem) => `✕ ${problem}\n`)
    const signed = by === undefined ? '' : `, signed by ${by.signer}`
    return {
      document: { ok, version: feed.version, staging: share, signer: by?.signer ?? null, problems },
      text: `${feed.version} for ${share} % of the users${signed}\n${lines.join('')}`,
      exitCode: ok ? 0 : 1,
      hint: 'Do not offer it: clients refuse a file with another digest.',
    }
  },
})

/**
 * Refuses a missing key, and a signature that would stay behind, before the first effect.
 * @returns writes the feed, and its signature where one is asked for
 * @throws {CliError}
 */
function feedWriter(file: string, isSigned: boolean): (text: string) => Promise<void> {
  const signature = signatureOf(file)
  if (isSigned) {
    const [key] = requiredEnv(['RELEASE_SIGNING_KEY'])
    return async (text) => {
      const signed = signText('the feed', key, text)
      await writeAtomically(file, text)
      await writeAtomically(signature, signed)
      checkSignature('the feed', signature, text)
    }
  }
  if (existsSync(signature))
    throw new CliError(
      exit.failed,
      `${file} is signed, and ${signature} would be the signature of other bytes`,
      'Add --sign, with the key in RELEASE_SIGNING_KEY, or remove the signature.',
    )
  return async (text) => writeAtomically(file, text)
}

function signerOf({
  signers,
  signer,
}: {
  signers?: string | undefined
  signer?: string | undefined
}): FeedSigner | undefined {
  if (signers === undefined && signer === undefined) return undefined
  return { signers: needed(signers, '--signers'), signer: needed(signer, '--signer') }
}

async function refuseProblems(file: string): Promise<void> {
  const { problems } = await checkFeed(file)
  if (problems.length > 0)
    throw new CliError(
      exit.failed,
      `${file} does not fit its files: ${problems.join('; ')}`,
      'Write the feed again from the installers.',
    )
}

export const program = defineProgram({
  name: 'runbook feed',
  summary: 'Write, stage and check the feed that installed programs update themselves from.',
  commands: [write, stage, check],
})

if (import.meta.main) await runProgram(program)
