import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { files } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { asText } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { difference } from '../../pages/difference.ts'
import type { ChangedLine } from '../../pages/difference.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io, Style } from '../../kit/io.ts'
import { bytesOf } from '../../regular-file.ts'

/**
 * A run goes on with the plan it was frozen with. When the document has changed since, that is shown, and goes on only
 * by the operator's word. Returns what is to be recorded with the resumption.
 */
export function confirmDocument(stored: StoredRun, frozenPlan: boolean, io: Io): JsonObject {
  const { plan, events, folder, state } = stored
  const path = resolve(asText(events[0]?.data['cwd']), plan.file)
  const now = existsSync(path) ? bytesOf(path) : undefined
  const documentSha256 = now ? sha256(now) : ''
  if (documentSha256 === plan.sha256) return {}
  const what = now ? 'has changed since the run began' : 'is not there any more'
  if (!io.json) {
    io.note(`${io.style('yellow', plan.file)} ${what}:`)
    const before = readFileSync(join(folder, files.document), 'utf8')
    if (now) for (const line of difference(before, now.toString('utf8'))) io.note(`  ${colored(line, io)}`)
  }
  if (!frozenPlan)
    throw new CliError(
      exit.usage,
      `The document ${plan.file} ${what}, and the run ${state.run} does what it said then`,
      `Continue with the recorded plan: \`runbook resume ${state.run} --frozen-plan\`. Or abandon the run: \`runbook abandon ${state.run} --reason "…"\`.`,
    )
  return { documentSha256, frozenPlan: true }
}

function colored(line: ChangedLine | 'gap', io: Io): string {
  if (line === 'gap') return io.style('dim', '  …')
  const color = { '+': 'green', '-': 'red', ' ': 'dim' }[line.sign] as Style
  return io.style(color, printable(`${line.sign} ${line.text}`))
}
