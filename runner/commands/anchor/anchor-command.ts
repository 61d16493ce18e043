import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { commitFiles, noteCommit, stampText } from '../../engine/sign/anchor.ts'
import { documentText, parseHead } from '../../journal/verify/evidence.ts'
import { readIndex } from '../../journal/record/heads.ts'
import { evidenceFiles, runFolder } from '../../journal/record/run-store.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'
import { writeWhole } from '../../write-whole.ts'
import { counted } from '../../model/counted.ts'

/** The anchored data: the head of one run, or of the index of all. */
interface Subject {
  /** Name of the file in a repository, without extension. */
  name: string
  text: string
  signature: string | undefined
  /** Where a time stamp of it is kept. */
  stampFile: string
  message: string
}

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const subject = args.run === undefined ? indexSubject(config) : runSubject(config, args.run)
  if (dryRun) return wouldAnchor(subject, options, io)
  const done = [...keep(subject, options, io), ...(await stamp(subject, options, io))]
  if (done.length === 0)
    throw new CliError(
      exit.usage,
      'Nowhere to anchor to',
      'Give --git <repository>, or --tsa <url>, or both.',
    )
  if (io.json) io.out(JSON.stringify({ subject: subject.name, anchors: done }))
  else for (const line of done) io.out(`${subject.name}: ${line}`)
  return exit.done
}

function wouldAnchor({ name }: Subject, { git, note, tsa }: Request['options'], io: Io): number {
  const places = [
    ...(git === undefined ? [] : [note === undefined ? git : `the notes of ${note} in ${git}`]),
    ...(tsa === undefined ? [] : [tsa]),
  ]
  if (io.json) io.out(JSON.stringify({ subject: name, dryRun: true, places }))
  else for (const place of places) io.out(`${name}: would be anchored in ${place}`)
  return exit.done
}

function runSubject(config: Config, name: string): Subject {
  const id = findRun(config, name)
  const folder = runFolder(config.state, id)
  const read = (file: string): string | undefined =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined
  const head = read(evidenceFiles.head)
  if (head === undefined)
    throw new CliError(
      exit.usage,
      `The run ${id} has no head yet`,
      'It is written when the run pauses or ends; see `runbook close`.',
    )
  const size = parseHead(head)?.size ?? 0
  const stampFile = join(folder, evidenceFiles.timeStamp)
  const message = `Runbook head: ${id}, ${counted(size, 'event')}`
  return { name: id, text: head, signature: read(evidenceFiles.headSignature), stampFile, message }
}

/** One anchor for all runs until now: a run that is removed later shows, be it the newest. */
function indexSubject(config: Config): Subject {
  const index = readIndex(config.state)
  if (index.problems[0] !== undefined)
    throw new CliError(exit.failed, index.problems[0], 'A broken index is not anchored; see `runbook audit`.')
  if (index.entries.length === 0) throw new CliError(exit.usage, 'There are no runs yet', 'Start one first.')
  const size = index.entries.length
  const document = documentText({ v: 1, index: { size, sha256: index.hashes.at(-1) ?? '' } })
  const stampFile = join(config.state, `heads-${size}.tsr`)
  return {
    name: 'index',
    text: document,
    signature: undefined,
    stampFile,
    message: `Runbook index: ${size} heads`,
  }
}

function keep(
  { name, text: content, signature, message }: Subject,
  options: Request['options'],
  io: Io,
): string[] {
  const git = options.git
  if (git === undefined) return []
  const repo = resolve(io.cwd, git)
  const note = options.note
  if (note !== undefined)
    return [`in the notes of commit ${noteCommit(repo, note, content, io.env)} of ${git}`]
  const signed = signature === undefined ? {} : { [`${name}.json.sig`]: signature }
  return [
    `in commit ${commitFiles(repo, { [`${name}.json`]: content, ...signed }, message, io.env)} of ${git}`,
  ]
}

async function stamp(
  { text: content, stampFile }: Subject,
  options: Request['options'],
  io: Io,
): Promise<string[]> {
  const url = options.tsa
  if (url === undefined) return []
  writeWhole(stampFile, await stampText(url, content, io.env))
  return [`stamped by ${url}, kept in ${stampFile}`]
}
