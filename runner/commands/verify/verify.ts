import { checkerOf } from '../../engine/signing/trust.ts'
import type { Check } from '../../journal/check.ts'
import { verdictWords, verifyFolder } from '../../journal/verify.ts'
import type { Verification } from '../../journal/verify.ts'
import type { Request } from './index.ts'
import { evidenceFolders, judgeFor } from '../shared/evidence.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { anchorChecks } from '../shared/anchors.ts'

export async function run({ io, args, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const folders = evidenceFolders(config, args.run, io)
  const results = []
  for (const folder of folders) {
    const { trust, source } = judgeFor(config, folder, options, io)
    const found = verifyFolder(folder, checkerOf(trust, io.env))
    const anchors = await anchorChecks(folder, options, io)
    const verified = found.verified && anchors.every(({ status }) => status !== 'failed')
    results.push({
      folder: shown(folder, io.cwd),
      signers: source,
      ...found,
      verified,
      checks: [...found.checks, ...anchors],
    })
  }
  if (io.json) io.out(JSON.stringify(folders.length === 1 ? results[0] : results, undefined, 2))
  else for (const result of results) show(result, io)
  return results.every(({ verified }) => verified) ? exit.done : exit.failed
}

function show(result: Verification & { folder: string; signers: string }, io: Io): void {
  io.out(io.style('bold', printable(result.run || result.folder)))
  for (const check of result.checks) io.out(checkLine(check, io))
  io.out(`  signers    ${result.signers}`)
  io.out(io.style(result.verified ? 'green' : 'red', `  ${verdictWords(result)}`))
}

function checkLine({ name, status, message }: Check, io: Io): string {
  const marks = {
    ok: io.style('green', 'ok    '),
    failed: io.style('red', 'FAILED'),
    unproven: io.style('yellow', '?     '),
  }
  return `  ${marks[status]} ${name.padEnd(10)} ${printable(message)}`
}
