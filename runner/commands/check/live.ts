import { askLive } from '../../engine/ask-live.ts'
import type { LiveAnswer } from '../../engine/ask-live.ts'
import { makePlan } from '../../engine/plan/make-plan.ts'
import { readInputs } from '../../engine/plan/read-inputs.ts'
import type { Config } from '../../config.ts'
import { readEntry } from '../../library.ts'
import type { LibraryEntry } from '../../library.ts'
import { counted } from '../../model/counted.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { inputFlags } from '../shared/plan/input-flags.ts'

/** Asks the reading steps of runbooks and says which would fail today. Nothing is recorded. */
export async function checkLive(
  config: Config,
  entries: readonly LibraryEntry[],
  flags: readonly string[],
  io: Io,
): Promise<number> {
  const report: { runbook: string; problem?: string; steps: object[] }[] = []
  let failed = 0
  for (const entry of entries) {
    const { runbook } = await readEntry(entry, io.cwd, config.kinds)
    if (!runbook) continue
    const inputs = await readInputs(runbook, inputFlags(runbook, flags, io))
    const [problem] = inputs.problems
    const missing = inputs.missing.map((name) => `-i ${name}=…`).join(' ')
    if (problem || missing !== '') {
      const why = problem?.message ?? `not asked: give ${missing}`
      report.push({ runbook: runbook.slug, problem: why, steps: [] })
      if (!io.json) io.out(`${runbook.slug}: ${why}`)
      continue
    }
    const { plan } = await makePlan(runbook, inputs, config.kinds)
    const kinds = await config.kinds.load(plan.steps.map(({ kind }) => kind))
    const answers = await askLive({ plan, kinds, secrets: inputs.secrets, cwd: io.cwd, env: io.env })
    failed += answers.filter(({ status }) => status === 'failed').length
    report.push({
      runbook: runbook.slug,
      steps: answers.map(({ step, status, message }) => ({ step: step.id, status, message })),
    })
    if (!io.json) for (const line of linesOf(runbook.slug, answers, io)) io.out(line)
  }
  if (io.json) io.out(JSON.stringify({ version: 1, failed, runbooks: report }, undefined, 2))
  else io.note(`${counted(failed, 'step')} would fail today`)
  return failed > 0 ? exit.failed : exit.done
}

function linesOf(slug: string, answers: readonly LiveAnswer[], io: Io): string[] {
  const marks = { passed: io.style('green', 'ok  '), failed: io.style('red', 'FAIL'), 'not-asked': '-   ' }
  return answers.map(
    ({ step, status, message }) =>
      `${marks[status]} ${slug}#${step.id}  ${printable(message)}  ${io.style('dim', `${step.file}:${step.line}`)}`,
  )
}
