import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { makePackage, packageFolder } from '../../scripts/package.ts'
import { alertLinks } from './alerts.ts'
import { checking } from './check.ts'
import { execThree } from './exec.ts'
import { formatRow } from './measure.ts'
import type { Row } from './measure.ts'
import { residentMemory } from './memory.ts'
import { muchOutput } from './output.ts'
import { resumeLongRun } from './resume.ts'
import { stepOverhead } from './step.ts'
import { startup } from './startup.ts'
import { verifying } from './verify.ts'

/** Everything the bench measures. Figures are ratios within one run: absolute times belong to one machine only. */
const parts: readonly ((packaged: string) => Row[] | Promise<Row[]>)[] = [
  startup,
  checking,
  alertLinks,
  execThree,
  stepOverhead,
  resumeLongRun,
  verifying,
  muchOutput,
  residentMemory,
]

await makePackage()
process.stdout.write(
  `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, node ${process.version}\n`,
)
const rows: Row[] = []
for (const part of parts) {
  const measured = await part(join(packageFolder, 'bin', 'main.mjs'))
  for (const row of measured) process.stdout.write(`${formatRow(row)}\n`)
  rows.push(...measured)
}
process.exitCode = rows.some(({ ms, againstMs, budget }) => ms / againstMs > budget) ? 1 : 0
