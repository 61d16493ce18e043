import { counted } from '../model/counted.ts'
import type { Place } from '../model/diagnostic.ts'
import type { Coverage } from './coverage.ts'
import type { MutationReport } from './mutate.ts'
import type { Difference } from './expectations.ts'

/** How the scenarios of one runbook went. Plain data; the formats lay it out. */
export interface SuiteReport {
  runbook: string
  /** The runbook's document, as findings show it. */
  document: string
  /** The file of scenarios. */
  file: string
  scenarios: {
    name: string
    place: Place
    ms: number
    differences: (Difference & { place: Place })[]
  }[]
  coverage: Coverage
  mutation?: MutationReport
}

export interface TestReport {
  suites: SuiteReport[]
  /** Runbooks without scenarios. */
  untested: string[]
}

/** A difference in one sentence. */
export function differenceText({ what, actual, expected }: Difference): string {
  if (expected === undefined) return actual
  return what === 'never'
    ? `unexpected \`${expected}\` in: ${actual}`
    : `${what}: ${actual}, expected ${expected}`
}

export function failedScenarios({ suites }: TestReport): number {
  return suites.reduce((sum, suite) => sum + failuresOf(suite), 0)
}

function failuresOf({ scenarios }: SuiteReport): number {
  return scenarios.filter(({ differences }) => differences.length > 0).length
}

/** The share of mutants that were noticed, over all suites; 1 without mutants. */
export function noticedShare({ suites }: TestReport): number {
  const all = suites.reduce((sum, { mutation }) => sum + (mutation?.mutants ?? 0), 0)
  const survivors = suites.reduce((sum, { mutation }) => sum + (mutation?.survivors.length ?? 0), 0)
  return all === 0 ? 1 : (all - survivors) / all
}

/** Lines for a terminal. */
export function textReport(report: TestReport, showCoverage: boolean): string[] {
  const total = report.suites.reduce((sum, { scenarios }) => sum + scenarios.length, 0)
  const failed = failedScenarios(report)
  return [
    ...report.suites.flatMap((suite) => suiteLines(suite, showCoverage)),
    ...(report.untested.length > 0 ? [`without scenarios: ${report.untested.join(', ')}`] : []),
    `${counted(total, 'scenario')}: ${total - failed} passed, ${failed} failed`,
  ]
}

function suiteLines(suite: SuiteReport, showCoverage: boolean): string[] {
  const { runbook, scenarios, coverage, mutation, document } = suite
  const ms = scenarios.reduce((sum, one) => sum + one.ms, 0)
  const failed = failuresOf(suite)
  const reached = coverage.points.length - coverage.unreached.length
  const lines = [
    `${failed === 0 ? 'ok  ' : 'FAIL'} ${runbook}  ${counted(scenarios.length, 'scenario')}, ${reached} of ${coverage.points.length} outcomes reached, ${ms.toFixed(0)} ms`,
  ]
  for (const { name, differences } of scenarios.filter((one) => one.differences.length > 0)) {
    lines.push(`  FAIL ${name}`)
    for (const one of differences) lines.push(`    ${at(one.place)}  ${differenceText(one)}`)
  }
  if (showCoverage)
    for (const { step, line, what } of coverage.unreached)
      lines.push(`  never reached  ${document}:${line}  ${step} ${what}`)
  if (mutation) {
    const { mutants, survivors } = mutation
    lines.push(
      `  ${counted(mutants, 'change')}, ${mutants - survivors.length} noticed${survivors.length > 0 ? '; not noticed:' : ''}`,
    )
    for (const { line, steps, what } of survivors) lines.push(`    ${document}:${line}  ${steps[0]}: ${what}`)
  }
  return lines
}

function at({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

/** One JSON document. Fields are only ever added. */
export function jsonReport(report: TestReport): object {
  return {
    version: 1,
    failed: failedScenarios(report),
    suites: report.suites.map(({ mutation, ...suite }) => ({
      ...suite,
      ...(mutation && {
        mutation: {
          mutants: mutation.mutants,
          survivors: mutation.survivors.map(({ steps, what, line }) => ({ steps, what, line })),
        },
      }),
    })),
    untested: report.untested,
  }
}
