import { resolve } from 'node:path'
import { keptIn } from '../../engine/signing/anchor.ts'
import { checkerOf } from '../../engine/signing/trust.ts'
import { auditIndex } from '../../journal/audit.ts'
import type { AuditRow } from '../../journal/audit.ts'
import { failed, ok } from '../../journal/check.ts'
import type { Check } from '../../journal/check.ts'
import { parseDocument } from '../../journal/evidence.ts'
import type { Prefix } from '../../journal/evidence.ts'
import { readIndex } from '../../journal/heads.ts'
import { prefixHash } from '../../journal/rules-head.ts'
import { readRun, runFolder } from '../../journal/store.ts'
import { verifyFolder } from '../../journal/verify.ts'
import type { Config } from '../../config.ts'
import type { Request } from './index.ts'
import { judgeFor } from '../shared/evidence.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { openWorkspace } from '../shared/workspace.ts'

interface Listed extends AuditRow {
  status: string
  verdict: string
  problem: string
}

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { from = '0000-01-01', to = '9999-12-31' } = options
  const { rows, checks } = auditIndex(config.state)
  const chosen = rows.filter(({ openedAt }) => openedAt.slice(0, 10) >= from && openedAt.slice(0, 10) <= to)
  const listed = chosen.map((row) => judge(row, config, options, io))
  const all = [...checks, ...indexAnchor(config, options, io)]
  if (io.json)
    io.out(JSON.stringify({ from, to, total: rows.length, runs: listed, checks: all }, undefined, 2))
  else show(listed, rows.length, all, io)
  const good = all.every(({ status }) => status !== 'failed') && listed.every(({ problem }) => problem === '')
  return good ? exit.done : exit.failed
}

/** A run that has not ended is no failure of an audit; one that ended and does not verify is. */
function judge(row: AuditRow, config: Config, options: Request['options'], io: Io): Listed {
  if (row.presence === 'removed')
    return { ...row, status: 'removed', verdict: 'removed after its retention', problem: '' }
  if (row.presence === 'missing')
    return { ...row, status: 'MISSING', verdict: 'MISSING', problem: 'Its folder is missing' }
  const folder = runFolder(config.state, row.run)
  const { trust } = judgeFor(config, folder, options, io)
  const found = verifyFolder(folder, checkerOf(trust, io.env))
  const bad = found.checks.filter(({ status }) => status === 'failed')
  const status = statusOf(config, row.run)
  const open = ['running', 'waiting', 'interrupted'].includes(status)
  const problem = bad.find(
    ({ name }) => !open || !['end', 'head', 'index', 'signature', 'closing'].includes(name),
  )
  const verdict = problem
    ? 'NOT VERIFIED'
    : open
      ? 'not ended'
      : found.signed
        ? 'verified, signed'
        : 'intact, UNSIGNED'
  return { ...row, status, verdict, problem: problem ? `${problem.name}: ${problem.message}` : '' }
}

function statusOf(config: Config, id: string): string {
  try {
    return readRun(config.state, id).state.status
  } catch {
    return 'unreadable'
  }
}

/** The index a repository keeps must be the beginning of this one. */
function indexAnchor(config: Config, options: Request['options'], io: Io): Check[] {
  const repo = options.anchorRepo
  if (repo === undefined) return []
  const { hashes } = readIndex(config.state)
  const kept = keptIn(resolve(io.cwd, repo), 'index.json', '"index":', io.env).flatMap(
    ({ text: line, where }) => {
      const index = parseDocument(line)?.['index'] as Prefix | undefined
      return index && !('run' in (parseDocument(line) ?? {})) ? [{ index, where }] : []
    },
  )
  if (kept.length === 0) return [failed('anchor', `${repo} keeps no index`)]
  return kept.map(({ index, where }) =>
    prefixHash(hashes, index.size) === index.sha256
      ? ok('anchor', `The index begins with the ${index.size} lines that ${repo} keeps: ${where}`)
      : failed(
          'anchor',
          `The index ${repo} keeps (${where}) is not the beginning of this one: lines were removed or rewritten`,
        ),
  )
}

function show(listed: readonly Listed[], total: number, checks: readonly Check[], io: Io): void {
  for (const { number, run: id, openedAt, by, status, verdict, problem } of listed)
    io.out(
      `${String(number).padStart(5)}  ${openedAt.slice(0, 19)}  ${id}  ${status}  ${printable(by)}  ${verdict}${problem ? `: ${printable(problem)}` : ''}`,
    )
  for (const { status, message } of checks)
    io.out(
      `${status === 'failed' ? io.style('red', 'FAILED') : io.style('green', 'ok    ')} ${printable(message)}`,
    )
  io.out(`${listed.length} of ${total} runs listed`)
}
