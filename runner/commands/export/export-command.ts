import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkerOf } from '../../engine/sign/trust.ts'
import { makeVerify } from '../../engine/verify-run.ts'
import { whoAmI } from '../../engine/people/identity.ts'
import { namespaces } from '../../journal/verify/evidence.ts'
import { writeBundle } from '../../journal/export/bundle.ts'
import { dsseEnvelope, intotoStatement } from '../../journal/export/intoto.ts'
import type { DsseSignature } from '../../journal/export/intoto.ts'
import { junitReport } from '../../journal/export/junit.ts'
import { markdownReport } from '../../journal/export/markdown-report.ts'
import { jsonReport, makeReport } from '../../journal/export/run-report.ts'
import type { RunReport } from '../../journal/export/run-report.ts'
import { hashWithin } from '../../journal/record/folder.ts'
import { files, readRun } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { readableRun } from '../../pages/readable-run.ts'
import { htmlExport } from '../../pages/standalone/html-export.ts'
import type { Config } from '../../config.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { judgeFor } from '../shared/evidence/judge-evidence.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { showStage, withProgress } from '../../kit/progress.ts'
import { replaceFolder } from '../../kit/replace-folder.ts'
import { version } from '../../kit/version.ts'
import { orThrow } from '../../model/problem.ts'
import { runTrace } from '../../telemetry/run-trace.ts'
import { pageOf, post, traceRequest } from '../shared/telemetry.ts'
import { keyHint, signerFor } from '../shared/people/keys.ts'
import { findRun, openWorkspace, shown } from '../shared/workspace.ts'
import { replaceFile } from '../../write-whole.ts'

const reports = {
  json: jsonReport,
  markdown: markdownReport,
  junit: junitReport,
}

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const stored = readRun(config.state, findRun(config, args.run))
  const format = options.format
  const output = options.output
  if (options.send !== undefined && format !== 'otlp')
    throw new CliError(exit.usage, `\`--send\` does not go with --format ${format}`, 'Add --format otlp.')
  if (dryRun) {
    const where = options.send ?? output ?? (format === 'bundle' ? `${stored.state.run}-bundle` : undefined)
    const target = where ?? 'standard output'
    io.out(
      io.json
        ? JSON.stringify({ run: stored.state.run, dryRun, format, output: where ?? null })
        : `would write ${format} to ${target}`,
    )
    return exit.done
  }
  if (format === 'otlp') {
    const trace = runTrace(stored.events, stored.plan, {
      version,
      url: pageOf(config.site, stored.state.run),
    })
    if (options.send !== undefined) return sendTrace(options.send, trace, io)
    return writeOut(JSON.stringify(trace), output, io)
  }
  const { trust, source } = judgeFor(config, stored.folder, options, io)
  const check = checkerOf(trust, io.env)
  const verified = showStage(io, 'Verifying the run …')
  const verification = await makeVerify(version, config.kinds)(stored.folder, check).finally(verified)
  if (format === 'bundle')
    return bundle(config, stored, verification, output ?? `${stored.state.run}-bundle`, io)
  const made =
    format === 'intoto'
      ? attestation(config, stored, verification.verified, options.key, io)
      : format === 'html'
        ? htmlExport(
            readableRun(stored, () => ({ check, source })),
            new Date().toISOString(),
            await config.kinds.load(),
          )
        : reports[format](makeReport(stored, verification))
  return writeOut(made, output, io)
}

function writeOut(text: string, output: string | undefined, io: Io): number {
  if (output === undefined) io.out(text.trimEnd())
  else replaceFile(resolve(io.cwd, output), text)
  return exit.done
}

async function sendTrace(url: string, trace: object, io: Io): Promise<number> {
  const request = traceRequest(url, trace, io.env)
  orThrow(await post(request, new AbortController().signal), exit.failed)
  if (io.json) io.out(JSON.stringify({ sent: request.url }))
  else io.note(`sent to ${request.url}`)
  return exit.done
}

async function bundle(
  config: Config,
  stored: StoredRun,
  verification: RunReport['verification'],
  output: string,
  io: Io,
): Promise<number> {
  const target = resolve(io.cwd, output)
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new CliError(exit.usage, `The folder \`${output}\` is not empty`, 'Name a new one with --output.')
  await withProgress(io, 'Copying the evidence …', () =>
    replaceFolder(target, [], (partial) => writeBundle(stored.folder, config.state, partial, verification)),
  )
  if (io.json) io.out(JSON.stringify({ run: stored.state.run, output, verified: verification.verified }))
  else {
    const list = existsSync(config.allowedSigners) ? ` ${shown(config.allowedSigners, io.cwd)}` : ''
    io.out(`${output}\n  check it with: sh ${output}/verify.sh ${output}${list}`)
  }
  return exit.done
}

/** An attestation is a signed statement; of a run that does not verify, or without a key, there is none. */
function attestation(
  config: Config,
  stored: StoredRun,
  verified: boolean,
  keyFile: string | undefined,
  io: Io,
): string {
  if (!verified || stored.state.endedAt === undefined)
    throw new CliError(
      exit.failed,
      `The run ${stored.state.run} does not verify; nothing is attested`,
      'See `runbook verify`.',
    )
  const journal = hashWithin(stored.folder, files.journal) ?? ''
  return dsseEnvelope(intotoStatement(stored, journal), (message) =>
    keyFile === undefined
      ? sshSignature(config, message, io)
      : rawSignature(resolve(io.cwd, keyFile), message),
  )
}

function sshSignature(config: Config, message: string, io: Io): DsseSignature {
  const signer = signerFor(config, io)
  if (!signer)
    throw new CliError(
      exit.usage,
      'An attestation is signed, and there is no key',
      `${keyHint(signer)} Or give --key.`,
    )
  const armored = signer.sign(namespaces.attestation, message)
  return {
    keyid: `sshsig:${whoAmI(io.env, 'export').actor.id}`,
    sig: Buffer.from(armored).toString('base64'),
  }
}

/** With an ed25519 key in PEM form, so that any DSSE verifier can check it. */
function rawSignature(file: string, message: string): DsseSignature {
  const key = readKey(readFileSync(file))
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new CliError(
      exit.usage,
      `${file} is not an ed25519 key`,
      'Make one: openssl genpkey -algorithm ed25519.',
    )
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return { keyid: sha256(publicKey), sig: sign(null, Buffer.from(message), key).toString('base64') }
}

function readKey(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}
