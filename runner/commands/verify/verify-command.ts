import { dirname } from 'node:path'
import { checkerOf } from '../../engine/sign/trust.ts'
import { makeVerify } from '../../engine/verify-run.ts'
import type { Check } from '../../journal/verify/check-result.ts'
import { indexIn } from '../../journal/verify/read-evidence.ts'
import { holds, verdictWords, withChecks } from '../../journal/verify/verify-evidence.ts'
import type { Verification } from '../../journal/verify/verify-evidence.ts'
import type { Request } from './index.ts'
import { keeperChecks } from '../shared/evidence/keeper-checks.ts'
import { checkMark } from '../shared/evidence/check-mark.ts'
import { evidenceFolders, judgeFor, readersFolder } from '../shared/evidence/judge-evidence.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import { runFolder } from '../../journal/record/run-store.ts'
import { copyOf } from '../shared/team/team-copy.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { anchorChecks } from '../shared/evidence/outside-anchors.ts'

interface Result extends Verification {
  folder: string
  signers: string
}

export async function run({ io, args, options }: Request): Promise<number> {
  const workspace = await openWorkspace(io, readersFolder(args.run, io))
  await using copy = options.team ? await copyOf(workspace, args.run) : undefined
  const { config } = copy ?? { config: workspace }
  const folders = copy ? [runFolder(config.state, copy.row.run)] : evidenceFolders(config, args.run, io)
  const verify = makeVerify(version, config.kinds)
  const [first = ''] = folders
  const index = folders.length > 1 ? indexIn(dirname(dirname(first))) : undefined
  const results: Result[] = []
  for (const folder of folders) {
    const { trust, source } = judgeFor(config, folder, options, io)
    const { state: _, lastEvent: __, ...verification } = await verify(folder, checkerOf(trust, io.env), index)
    const keepers = keeperChecks(trust, options, io)
    const ofTeam = copy
      ? await (
          await import('./team-checks.ts')
        ).teamChecks({
          ...copy,
          copy: folder,
          here: runFolder(workspace.state, copy.row.run),
          check: checkerOf(trust, io.env),
        })
      : []
    const whole = withChecks(verification, [
      ...ofTeam,
      ...keepers,
      ...(await anchorChecks(folder, options, io)),
    ])
    results.push({ folder: shown(folder, io.cwd), signers: source, ...whole })
  }
  if (io.json) io.out(JSON.stringify(folders.length === 1 ? results[0] : results, undefined, 2))
  else for (const result of results) show(result, io)
  return codeOf(results)
}

/** A run that has not ended has a code of its own: so far nothing is wrong, and nothing is verified. */
function codeOf(results: readonly Verification[]): number {
  if (!results.every(({ checks }) => holds(checks))) return exit.failed
  return results.every(({ ended }) => ended) ? exit.done : exit.notEnded
}

function show(result: Result, io: Io): void {
  io.out(io.style('bold', printable(result.run || result.folder)))
  for (const check of result.checks) io.out(checkLine(check, io))
  io.out(`  signers    ${result.signers}`)
  const color = result.verified ? 'green' : holds(result.checks) ? 'yellow' : 'red'
  io.out(io.style(color, `  ${verdictWords(result)}`))
}

function checkLine({ name, status, message }: Check, io: Io): string {
  return `  ${checkMark(status, io)} ${name.padEnd(10)} ${printable(message)}`
}
