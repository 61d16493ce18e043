import { resolve } from 'node:path'
import { keptIn } from '../../engine/sign/anchor.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { makeVerify } from '../../engine/verify-run.ts'
import type { Verified } from '../../engine/verify-run.ts'
import type { AuditRow } from '../../journal/verify/audit-index.ts'
import { failed, ok } from '../../journal/verify/check-result.ts'
import type { Check } from '../../journal/verify/check-result.ts'
import { parseDocument } from '../../journal/verify/evidence.ts'
import type { Prefix } from '../../journal/verify/evidence.ts'
import { isUnreadable } from '../../journal/record/journal-error.ts'
import { prefixHash } from '../../journal/verify/rules/run-index.ts'
import type { Index } from '../../journal/verify/rules/run-index.ts'
import type { CheckSignature } from '../../journal/verify/rules/signatures.ts'
import { runFolder } from '../../journal/record/run-store.ts'
import type { Config } from '../../config.ts'
import type { Request } from './index.ts'
import { checkMark } from '../shared/evidence/check-mark.ts'
import { judgeFor } from '../shared/evidence/judge-evidence.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { watchOn } from '../../kit/progress.ts'
import { version } from '../../kit/version.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { readAudit, untilSettled } from './runs-at-work.ts'
import { counted } from '../../model/counted.ts'

interface Listed extends AuditRow {
  status: string
  verdict: string
  problem: string
}

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { from = '0000-01-01', to = '9999-12-31' } = options
  const { index, rows, checks } = await readAudit(config.state)
  const chosen = rows.filter(({ openedAt }) => openedAt.slice(0, 10) >= from && openedAt.slice(0, 10) <= to)
  const judge = judgeWith(index, config, options, io)
  const listed: Listed[] = []
  for await (const row of watchOn(io)(chosen, 'runs')) listed.push(await judge(row))
  const all = [...checks, ...indexAnchor(index, options, io)]
  if (io.json)
    io.out(JSON.stringify({ from, to, total: rows.length, runs: listed, checks: all }, undefined, 2))
  else show(listed, rows.length, all, io)
  const good = all.every(({ status }) => status !== 'failed') && listed.every(({ problem }) => problem === '')
  return good ? exit.done : exit.failed
}

/** Judges runs one after another; what they share is read once. */
function judgeWith(
  index: Index,
  config: Config,
  options: Request['options'],
  io: Io,
): (row: AuditRow) => Promise<Listed> {
  const verify = makeVerify(version, config.kinds)
  const settled = untilSettled(config.state)
  const checkers = new Map<string, CheckSignature | undefined>()
  return async (row) => {
    if (row.presence === 'removed')
      return { ...row, status: 'removed', verdict: 'removed after its retention', problem: '' }
    if (row.presence === 'missing')
      return { ...row, status: 'MISSING', verdict: 'MISSING', problem: 'Its folder is missing' }
    const folder = runFolder(config.state, row.run)
    try {
      const { trust } = judgeFor(config, folder, options, io)
      const key = JSON.stringify(trust ?? null)
      if (!checkers.has(key)) checkers.set(key, checkerOf(trust, io.env))
      let verified = await verify(folder, checkers.get(key), index)
      if (isUnsealed(verified)) {
        await settled(row.run)
        verified = await verify(folder, checkers.get(key))
      }
      return { ...row, ...verdictOf(verified) }
    } catch (error) {
      if (!isUnreadable(error)) throw error
      return { ...row, status: 'unreadable', verdict: 'NOT VERIFIED', problem: `chain: ${error.message}` }
    }
  }
}

/** A run that has not ended does not fail an audit; one that does not hold, or ended and was not sealed, does. */
function verdictOf(verified: Verified): Pick<Listed, 'status' | 'verdict' | 'problem'> {
  const { checks, ended, signed, state } = verified
  const problem =
    checks.find(({ status }) => status === 'failed') ??
    (isUnsealed(verified) ? checks.find(({ name }) => name === 'end') : undefined)
  const status = state?.status ?? 'unreadable'
  if (problem) return { status, verdict: 'NOT VERIFIED', problem: `${problem.name}: ${problem.message}` }
  const verdict = !ended ? 'not ended' : signed ? 'verified, signed' : 'intact, UNSIGNED'
  return { status, verdict, problem: '' }
}

function isUnsealed({ ended, lastEvent }: Verified): boolean {
  return !ended && lastEvent?.type === 'run-ended'
}

/** The index a repository keeps must be the beginning of this one. */
function indexAnchor({ hashes }: Index, options: Request['options'], io: Io): Check[] {
  const repo = options.anchorRepo
  if (repo === undefined) return []
  const kept = keptIn(resolve(io.cwd, repo), 'index.json', '"index":', io.env).flatMap(
    ({ text: line, where }) => {
      const index = parseDocument(line)?.['index'] as Prefix | undefined
      return index && !('run' in (parseDocument(line) ?? {})) ? [{ index, where }] : []
    },
  )
  if (kept.length === 0) return [failed('anchor', `${repo} keeps no index`)]
  return kept.map(({ index, where }) =>
    prefixHash(hashes, index.size) === index.sha256
      ? ok('anchor', `The index begins with the ${counted(index.size, 'line')} that ${repo} keeps: ${where}`)
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
  for (const { status, message } of checks) io.out(`${checkMark(status, io)} ${printable(message)}`)
  io.out(`${listed.length} of ${total} runs listed`)
}
