import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { defineCommand, defineProgram, flag, many, required } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { failure, success } from '../runner/model/problem.ts'
import { filePath } from '../runner/kit/types.ts'
import type { ValueType } from '../runner/kit/types.ts'
import { openBucket } from './adapters/s3.ts'
import { sha256 } from './domain/artifact.ts'
import { messageOf } from './lib/errors.ts'
import { TRUST, trustOf } from './programs/installer/installer-options.ts'
import { requireSigned } from './programs/upload/publishable.ts'

/** A place in a bucket, such as `s3://releases/storefront/`. */
const place: ValueType<{ bucket: string; prefix: string }> = {
  form: 's3://bucket/prefix',
  read(text) {
    const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? []
    if (bucket === undefined)
      return failure('a bucket and perhaps a prefix, such as s3://releases/storefront/')
    return success({ bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` })
  },
}

const TYPES: Readonly<Record<string, string>> = {
  '.yml': 'text/yaml',
  '.json': 'application/json',
  '.sha256': 'text/plain',
  '.dmg': 'application/x-apple-diskimage',
}

const files = defineCommand({
  name: 'files',
  summary:
    'Upload files to S3, skip what is there, and read each back. Another file under the same name is refused.',
  args: { files: many(filePath('file'), 'The files.') },
  options: {
    to: required(place, 'The bucket, and the prefix of the names in it.'),
    replace: flag('Replace another file of the same name: for a feed, which changes.'),
    allowUnsigned: flag('Let installers be uploaded that are not signed or not notarized.'),
    ...TRUST,
  },
  effect: 'write',
  examples: [
    'runbook upload build/windows/Storefront-Setup-1.4.0.exe --to s3://releases/storefront/ --dry-run',
    'runbook upload build/windows/latest.yml --to s3://releases/storefront/ --replace',
  ],
  async run({ args, options, dryRun }): Promise<CommandReport> {
    const { bucket, prefix } = options.to
    const twice = args.files.find(
      (file, at) => args.files.findIndex((one) => basename(one) === basename(file)) !== at,
    )
    if (twice !== undefined)
      throw new CliError(
        exit.usage,
        `Two files are called ${basename(twice)}`,
        'Upload them under different prefixes.',
      )
    // All of them first: half an upload helps nobody.
    const contents = new Map<string, Buffer>()
    for (const file of args.files) {
      const content = await readFile(file).catch((error: unknown) => {
        throw new CliError(exit.failed, `${file} cannot be read: ${messageOf(error)}`, 'Build it first.')
      })
      if (!options.allowUnsigned) await requireSigned(file, trustOf(options, undefined))
      contents.set(file, content)
    }
    const store = openBucket(bucket)
    const done: { file: string; key: string; sha256: string; status: 'done' | 'already' | 'planned' }[] = []
    for (const [file, content] of contents) {
      const key = `${prefix}${basename(file)}`
      const digest = sha256(content)
      const there = await store.digestOf(key)
      if (there === digest) {
        done.push({ file, key, sha256: digest, status: 'already' })
        continue
      }
      if (there !== undefined && !options.replace)
        throw new CliError(
          exit.failed,
          `s3://${bucket}/${key} is another file: its SHA-256 is ${there}, not ${digest}`,
          'A version is published once: raise it. A feed is replaced with --replace.',
        )
      if (!dryRun) {
        await store.put(key, content, TYPES[extname(file)] ?? 'application/octet-stream')
        const after = await store.digestOf(key)
        if (after !== digest)
          throw new CliError(
            exit.failed,
            `s3://${bucket}/${key} was read back with another SHA-256: ${after ?? 'it is missing'}`,
            'Run this again.',
          )
      }
      done.push({ file, key, sha256: digest, status: dryRun ? 'planned' : 'done' })
    }
    const marks = { done: '+', already: '=', planned: '$ would upload' }
    const lines = done.map(
      ({ key, sha256: digest, status }) => `${marks[status]} s3://${bucket}/${key}  ${digest}\n`,
    )
    return { document: { ok: true, dryRun, files: done }, text: lines.join('') }
  },
})

export const program = defineProgram({
  name: 'runbook upload',
  summary: 'Upload a release to S3.',
  commands: [files],
  fallback: 'files',
})

if (import.meta.main) await runProgram(program)
