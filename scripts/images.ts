import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineCommand, defineProgram, many, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { needed } from '../runner/kit/read-values.ts'
import { withProgress } from '../runner/kit/progress.ts'
import { filePath, string, wordList } from '../runner/kit/types.ts'
import { failure, success } from '../runner/model/problem.ts'
import type { ValueType } from '../runner/kit/types.ts'
import { writeAtomically } from './lib/atomic.ts'
import { messageOf } from './lib/errors.ts'
import { requiredEnv } from './lib/required-env.ts'
import { buildImages } from './programs/images/build-images.ts'
import {
  copyImages,
  type ImageList,
  isRoot,
  PLATFORMS,
  readImages,
  requireSafe,
} from './programs/images/image-tools.ts'
import { BUILD, payloadOf, planOf } from './programs/installer/installer-options.ts'
import { linuxNeeds, requireAll } from './programs/installer/requirements.ts'
import { checkSignature, signText, verifySigner } from './programs/release/sign.ts'

const TOOLS = ['buildah', 'skopeo']
const BOUND = 'buildah exists on Linux alone; images cannot be made elsewhere'

/** A name in a registry, with a tag, such as `ghcr.io/shop/api:1.4.0`. */
const reference: ValueType<string> = {
  form: 'registry/name:tag',
  read(text) {
    const form =
      /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?\/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*:[\w][\w.-]{0,127}$/i
    return form.test(text)
      ? success(text)
      : failure('a registry, a name and a tag, such as ghcr.io/shop/api:1.4.0')
  },
}

const platforms = withDefault(wordList(PLATFORMS), PLATFORMS.join(' '), 'The processors.')

const build = defineCommand({
  name: 'build',
  summary:
    'Make the images of a commit for each processor, in a folder of the OCI layout. An image whose processes are root’s is refused. Only on Linux.',
  args: {},
  options: {
    ...BUILD,
    out: withDefault(BUILD.out.type, 'build', 'The folder that gets images/NAME-VERSION/.'),
    platforms,
    base: withDefault(string('image'), 'scratch', 'The image under it; scratch is an empty one.'),
    user: withDefault(string('user'), '1000:1000', 'The user that its processes have.'),
    entrypoint: many(string('word'), 'A word of the command that starts it.'),
    containerfile: optional(
      filePath('file'),
      'A Containerfile of the repository, in the place of a copy of the files to /app.',
    ),
  },
  effect: 'write',
  interrupted: 'No image was made.',
  examples: ['runbook images build --version 1.4.0 --repository .lab/storefront --entrypoint /app/server'],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const { base, user, containerfile, repository } = options
    const needs = linuxNeeds(TOOLS, process.env)
    if (!dryRun) requireAll(needs)
    if (isRoot(user))
      throw new CliError(
        exit.usage,
        `The user \`${user}\` is root, and its images are refused`,
        'Give another, such as --user 1000:1000.',
      )
    const payload = await withProgress(io, 'Reading the product …', () => payloadOf(options))
    const folder = join(options.out, 'images', `${payload.name}-${payload.version}`)
    if (dryRun)
      return planOf({
        commands: options.platforms.map((platform) => [
          'buildah',
          containerfile === undefined ? 'from' : 'build',
          '--arch',
          platform,
          containerfile ?? base,
        ]),
        files: [folder],
        notes: [BOUND],
        missing: needs.filter(({ ok }) => !ok).map(({ what }) => what),
      })
    return await withProgress(io, 'Making the images …', async () => {
      const images = await buildImages(payload, {
        platforms: options.platforms,
        base,
        user,
        containerfile,
        entrypoint: options.entrypoint,
        repository,
        folder,
      })
      return {
        document: { ok: true, folder, ...images },
        text: `+ ${folder}  ${images.digest}\n${linesOf(images)}`,
      }
    })
  },
})

const push = defineCommand({
  name: 'push',
  summary:
    'Copy images from a folder to a registry, unless it has exactly these, and read them back. Another image under the tag is refused.',
  args: { folder: required(filePath('folder'), 'The folder that build made.') },
  options: {
    to: required(reference, 'The name in the registry. One on this machine is asked without TLS.'),
    platforms,
    signature: optional(
      filePath('file'),
      'Sign the name and the digest with the SSH key of RELEASE_SIGNING_KEY, and write the signature here.',
    ),
  },
  effect: 'write',
  examples: ['runbook images push build/images/storefront-1.4.0 --to 127.0.0.1:5000/storefront:1.4.0'],
  async run({ args, options, dryRun }): Promise<CommandReport> {
    requireAll(linuxNeeds(['skopeo'], process.env))
    const sign = signerOf(options.signature, options.to, dryRun)
    const to = `docker://${options.to}`
    const images = await readImages(`oci:${args.folder}`)
    if (images === undefined)
      throw new CliError(
        exit.failed,
        `${args.folder} has no images`,
        'Make them with `runbook images build`.',
      )
    requireSafe(args.folder, images, options.platforms)
    const there = await readImages(to)
    const report = (mark: string): CommandReport => ({
      document: { ok: true, dryRun, reference: options.to, isNew: there === undefined, ...images },
      text: `${mark} ${options.to}  ${images.digest}\n${linesOf(images)}`,
    })
    if (there?.digest === images.digest) {
      await sign(images.digest)
      return report('=')
    }
    if (there !== undefined)
      throw new CliError(
        exit.failed,
        `${options.to} is another image: ${there.digest}, not ${images.digest}`,
        'A version is published once: raise it.',
      )
    if (dryRun) return report('$ would push')
    await copyImages(`oci:${args.folder}`, to)
    const after = await readImages(to)
    if (after?.digest !== images.digest)
      throw new CliError(
        exit.failed,
        `${options.to} was read back as ${after?.digest ?? 'nothing'}, not ${images.digest}`,
        'Run this again.',
      )
    await sign(images.digest)
    return report('+')
  },
})

const check = defineCommand({
  name: 'check',
  summary:
    'Read images of a registry: digest, processors and users. Exits with 1 when a processor is missing or a user is root.',
  args: { reference: required(reference, 'The name in the registry.') },
  options: {
    platforms,
    digest: optional(string('sha256:…'), 'The digest that it must have.'),
    signature: optional(filePath('file'), 'The signature that `push` wrote.'),
    signers: optional(filePath('file'), 'The keys of those who may sign, in the form of allowed_signers.'),
    signer: optional(string('name'), 'The signer it must be of, as that file names them.'),
  },
  effect: 'read',
  examples: ['runbook images check 127.0.0.1:5000/storefront:1.4.0'],
  async run({ args, options }): Promise<CommandReport> {
    requireAll(linuxNeeds(['skopeo'], process.env))
    const images = await readImages(`docker://${args.reference}`)
    if (images === undefined)
      throw new CliError(exit.failed, `${args.reference} is not in the registry`, 'Push it.')
    requireSafe(args.reference, images, options.platforms)
    if (options.digest !== undefined && options.digest !== images.digest)
      throw new CliError(
        exit.failed,
        `${args.reference} is ${images.digest}, not ${options.digest}`,
        'Do not deploy it.',
      )
    const by = await signedBy(options, args.reference, images.digest)
    return {
      document: { ok: true, signedBy: by ?? null, ...images },
      text: `+ ${args.reference}  ${images.digest}\n${linesOf(images)}${by === undefined ? '' : `  signed by ${by}\n`}`,
    }
  },
})

const doctor = defineCommand({
  name: 'doctor',
  summary: 'Show what images need here. Exits with 1 when something is missing.',
  args: {},
  options: {},
  effect: 'read',
  examples: ['runbook images doctor'],
  async run(): Promise<CommandReport> {
    const needs = linuxNeeds(TOOLS, process.env)
    const lines = needs.map(({ what, ok, remedy }) => `${ok ? '✓' : '✗'} ${what}${ok ? '' : `. ${remedy}`}\n`)
    const ok = needs.every((one) => one.ok)
    return { document: { ok, needs }, text: `${BOUND}\n${lines.join('')}`, exitCode: ok ? 0 : 1 }
  },
})

/** The signed text. It has the name, so that the signature of one image does not stand for another. */
const statementOf = (name: string, digest: string): string => `${name} ${digest}\n`

/** Refuses a missing key before the first effect. @returns signs a digest, where a file for the signature is given */
function signerOf(
  file: string | undefined,
  name: string,
  dryRun: boolean,
): (digest: string) => Promise<void> {
  if (file === undefined || dryRun) return () => Promise.resolve()
  const [key] = requiredEnv(['RELEASE_SIGNING_KEY'])
  return async (digest) => {
    const statement = statementOf(name, digest)
    await writeAtomically(file, signText('the image', key, statement))
    checkSignature('the image', file, statement)
  }
}

/** @throws {CliError} when the signature is of another name, digest or signer */
async function signedBy(
  {
    signature,
    signers,
    signer,
  }: { signature?: string | undefined; signers?: string | undefined; signer?: string | undefined },
  name: string,
  digest: string,
): Promise<string | undefined> {
  if (signature === undefined && signers === undefined && signer === undefined) return undefined
  const file = needed(signature, '--signature')
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(
      exit.failed,
      `${file} cannot be read: ${messageOf(error)}`,
      'Take it from where `push` wrote it.',
    )
  })
  const by = needed(signer, '--signer')
  verifySigner(
    'the image',
    { signature: text, signers: needed(signers, '--signers'), signer: by },
    statementOf(name, digest),
  )
  return by
}

function linesOf({ images }: ImageList): string {
  return images
    .map(({ platform, digest, user }) => `  ${platform.padEnd(12)} ${digest}, user ${user}\n`)
    .join('')
}

export const program = defineProgram({
  name: 'runbook images',
  summary: 'Make images for containers, push them to a registry and read them back.',
  commands: [build, push, check, doctor],
})

if (import.meta.main) await runProgram(program)
