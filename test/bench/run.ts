import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { makePackage, packageFolder } from '../../scripts/package.ts'
import { alertLinks } from './alerts.ts'
import { auditing } from './audit.ts'
import { checking } from './check.ts'
import { execThree } from './exec.ts'
import { flagEvaluation } from './flags.ts'
import { residentMemory } from './memory.ts'
import { muchOutput } from './output.ts'
import { resumeLongRun } from './resume.ts'
import { siteBuilds } from './site.ts'
import { startup } from './startup.ts'
import { stepOverhead } from './step.ts'
import { formatRow, isOver, tableHead } from './table.ts'
import type { Row } from './table.ts'
import { teamWork } from './team.ts'
import { verifying } from './verify.ts'

/**
 * Everything the bench measures, given the program as it is installed. First comes what many new files would slow, which
 * the other parts leave behind.
 */
const parts: Record<string, (packaged: string) => Row[] | Promise<Row[]>> = {
  step: stepOverhead,
  exec: execThree,
  startup,
  check: checking,
  alerts: alertLinks,
  resume: resumeLongRun,
  verify: verifying,
  audit: auditing,
  output: muchOutput,
  memory: residentMemory,
  flags: flagEvaluation,
  team: teamWork,
  site: siteBuilds,
}

const help = `Usage: npm run bench [-- <part>...]

Prints one table: each figure against something measured in the same run, with the ratio it may have. It takes about ten
minutes; the machine should do nothing else. Parts: ${Object.keys(parts).join(', ')}.
`

const asked = process.argv.slice(2)
const wanted = asked.length === 0 ? Object.keys(parts) : asked
if (wanted.every((name) => Object.hasOwn(parts, name))) await bench()
else {
  process.stderr.write(help)
  process.exitCode = 2
}

async function bench(): Promise<void> {
  await makePackage()
  process.stdout.write(
    `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform}\n\n${tableHead}\n`,
  )
  for (const name of wanted) {
    const rows = (await parts[name]?.(join(packageFolder, 'bin', 'main.mjs'))) ?? []
    for (const row of rows) process.stdout.write(`${formatRow(row)}\n`)
    if (rows.some(isOver)) process.exitCode = 1
  }
}
