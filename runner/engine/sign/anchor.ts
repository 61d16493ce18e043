import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { scratchFolder } from '../../scratch-folder.ts'
import { ProblemError } from '../../model/problem.ts'
import { fetchByProxy } from '../process/http-proxies.ts'
import { lastLine } from '../../model/last-line.ts'
import { makeFolder } from '../../make-folder.ts'

/** Something outside was asked to keep or stamp a head, and would not. */
function refused(message: string): ProblemError {
  return new ProblemError({ message, hint: 'Nothing was anchored there; the run itself is as it was.' })
}

type Env = Record<string, string | undefined>

/** Folder of heads in a repository that keeps them. */
const anchorFolder = 'runbook-heads'
const notesRef = 'refs/notes/runbook'

function tool(program: string, args: readonly string[], env: Env, input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env,
    ...(input === undefined ? {} : { input }),
  })
  if (status === 0) return stdout
  const words = error ? error.message : lastLine(stderr)
  throw refused(`${program} ${args[0] === '-C' ? args[2] : args[0]} failed: ${words}`)
}

/** Commits texts to a repository, each as a file; returns the commit. Git signs it when it is told to sign commits. */
export function commitFiles(repo: string, texts: Record<string, string>, message: string, env: Env): string {
  const names = Object.keys(texts).map((name) => `${anchorFolder}/${name}`)
  for (const [name, text] of Object.entries(texts)) {
    const file = join(repo, anchorFolder, name)
    makeFolder(dirname(file), 0o777)
    writeFileSync(file, text)
  }
  tool('git', ['-C', repo, 'add', '--', ...names], env)
  const changed = tool('git', ['-C', repo, 'status', '--porcelain', '--', ...names], env)
  if (changed !== '') tool('git', ['-C', repo, 'commit', '-q', '-m', message, '--', ...names], env)
  return tool('git', ['-C', repo, 'rev-parse', 'HEAD'], env).trim()
}

/** Adds a text to the notes of a commit; returns the commit. */
export function noteCommit(repo: string, commit: string, text: string, env: Env): string {
  tool('git', ['-C', repo, 'notes', `--ref=${notesRef}`, 'append', '-F', '-', commit], env, text)
  return tool('git', ['-C', repo, 'rev-parse', commit], env).trim()
}

export interface Kept {
  text: string
  /** Where: a commit with its date, or the notes. */
  where: string
}

/** The current content of a name in a repository, and every line of its notes that contains a word. */
export function keptIn(repo: string, name: string, word: string, env: Env): Kept[] {
  const file = `${anchorFolder}/${name}`
  const copies: Kept[] = []
  const shown = quiet(['-C', repo, 'show', `HEAD:${file}`], env)
  if (shown !== undefined) {
    const where = quiet(['-C', repo, 'log', '-1', '--format=commit %H of %cI', '--', file], env) ?? ''
    copies.push({ text: shown, where: where.trim() })
  }
  const notes = quiet(['-C', repo, 'grep', '-h', '-F', word, notesRef], env)
  const lines = (notes ?? '').split('\n').filter((line) => line !== '')
  return [...copies, ...lines.map((line) => ({ text: `${line}\n`, where: 'the notes' }))]
}

function quiet(args: readonly string[], env: Env): string | undefined {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8', env })
  return status === 0 ? stdout : undefined
}

/** Asks a time stamping authority (RFC 3161) to stamp a text; returns its reply. */
export async function stampText(url: string, text: string, env: Env): Promise<Buffer> {
  return inScratch(async (folder) => {
    writeFileSync(join(folder, 'data'), text)
    const query = join(folder, 'query')
    tool('openssl', ['ts', '-query', '-data', join(folder, 'data'), '-sha256', '-cert', '-out', query], env)
    const response = await fetchByProxy(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: readFileSync(query),
      signal: AbortSignal.timeout(30_000),
    }).catch((error: Error) => {
      throw refused(`${url} cannot be reached: ${error.message}`)
    })
    if (!response.ok) throw refused(`${url} answered ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  })
}

/** When a time stamp says a text existed; throws ProblemError when the stamp is not of this text or not of this authority. */
export async function readStamp(stamp: Buffer, text: string, authority: string, env: Env): Promise<string> {
  return inScratch(async (folder) => {
    const [data, reply] = [join(folder, 'data'), join(folder, 'reply')]
    writeFileSync(data, text)
    writeFileSync(reply, stamp)
    tool('openssl', ['ts', '-verify', '-data', data, '-in', reply, '-CAfile', authority], env)
    const words = tool('openssl', ['ts', '-reply', '-in', reply, '-text'], env)
    return /^Time stamp: (.+)$/m.exec(words)?.[1] ?? 'an unknown time'
  })
}

async function inScratch<T>(body: (folder: string) => Promise<T>): Promise<T> {
  using scratch = scratchFolder('stamp')
  const folder = scratch.path
  return await body(folder)
}
