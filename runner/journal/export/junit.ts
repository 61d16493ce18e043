import { decisionText } from '../story/story-moment.ts'
import { asMarkup } from './escape.ts'
import type { ReportStep, RunReport } from './run-report.ts'

const failures = new Set(['failed', 'stopped', 'unknown'])
const undecided = new Set(['pending', 'skipped', 'waiting', 'running'])

/** Steps as test cases, in the form continuous integration reads. Decisions of people come before the output. */
export function junitReport({ head, steps, decisions }: RunReport): string {
  const { title, run, startedAt } = head
  const failed = steps.filter(({ status }) => failures.has(status)).length
  const skipped = steps.filter(({ status }) => undecided.has(status)).length
  const counts = `tests="${steps.length}" failures="${failed}" skipped="${skipped}" errors="0" time="${seconds(steps.reduce((sum, { ms }) => sum + (ms ?? 0), 0))}"`
  const ofRun = decisions.filter(({ step }) => step === undefined).map(decisionText)
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${asMarkup(title)}" ${counts}>
<testsuite name="${asMarkup(run)}" timestamp="${startedAt.slice(0, 19)}" ${counts}>
${steps.map((step) => testCase(step, run)).join('\n')}
${printed(ofRun)}</testsuite>
</testsuites>
`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

function printed(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<system-out>${asMarkup(`${lines.join('\n')}\n`)}</system-out>`
}

function testCase({ id, status, message, ms, decisions, output }: ReportStep, run: string): string {
  const text = asMarkup(message)
  const outcome = failures.has(status)
    ? `<failure message="${text}" type="${status}"/>`
    : undecided.has(status)
      ? `<skipped message="${text}"/>`
      : ''
  const out = printed([...decisions.map(decisionText), ...output.flatMap((file) => file.text ?? [])])
  return `<testcase classname="${asMarkup(run)}" name="${asMarkup(id)}" time="${seconds(ms ?? 0)}">${outcome}${out}</testcase>`
}
