import { asMarkup } from './lines.ts'
import type { RunReport, StepReport } from './report.ts'

const failures = new Set(['failed', 'stopped', 'unknown'])
const undecided = new Set(['pending', 'skipped', 'waiting', 'running'])

/** Steps as test cases, in the form continuous integration reads. */
export function junitReport({ title, run, startedAt, steps }: RunReport): string {
  const failed = steps.filter(({ status }) => failures.has(status)).length
  const skipped = steps.filter(({ status }) => undecided.has(status)).length
  const seconds = (steps.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(3)
  const counts = `tests="${steps.length}" failures="${failed}" skipped="${skipped}" errors="0" time="${seconds}"`
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${asMarkup(title)}" ${counts}>
<testsuite name="${asMarkup(run)}" timestamp="${startedAt.slice(0, 19)}" ${counts}>
${steps.map((step) => testCase(step, run)).join('\n')}
</testsuite>
</testsuites>
`
}

function testCase(step: StepReport, run: string): string {
  const text = asMarkup(step.message)
  const outcome = failures.has(step.status)
    ? `<failure message="${text}" type="${step.status}"/>`
    : undecided.has(step.status)
      ? `<skipped message="${text}"/>`
      : ''
  const output = step.output.map((file) => file.text ?? '').join('')
  const out = output === '' ? '' : `<system-out>${asMarkup(output)}</system-out>`
  return `<testcase classname="${asMarkup(run)}" name="${asMarkup(step.id)}" time="${(step.ms / 1000).toFixed(3)}">${outcome}${out}</testcase>`
}
