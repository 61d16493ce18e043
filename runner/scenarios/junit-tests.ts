import { asMarkup } from '../journal/export/escape.ts'
import { differenceText } from './test-report.ts'
import type { SuiteReport, TestReport } from './test-report.ts'

/** Scenarios as test cases, in the form that continuous integration reads. */
export function junitTests({ suites }: TestReport): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="runbook test">\n${suites.map(suiteElement).join('\n')}\n</testsuites>`
}

function suiteElement({ runbook, file, scenarios }: SuiteReport): string {
  const failures = scenarios.filter(({ differences }) => differences.length > 0).length
  const seconds = (ms: number): string => (ms / 1000).toFixed(3)
  const cases = scenarios.map(({ name, place, ms, differences }) => {
    const text = differences
      .map((one) => `${one.place.file}:${one.place.line}: ${differenceText(one)}`)
      .join('\n')
    const failure =
      differences.length === 0
        ? ''
        : `<failure message="${asMarkup(text.split('\n')[0] ?? '')}">${asMarkup(text)}</failure>`
    return `<testcase classname="${asMarkup(runbook)}" name="${asMarkup(name)}" file="${asMarkup(place.file)}" line="${place.line}" time="${seconds(ms)}">${failure}</testcase>`
  })
  const time = seconds(scenarios.reduce((sum, { ms }) => sum + ms, 0))
  return `<testsuite name="${asMarkup(file)}" tests="${scenarios.length}" failures="${failures}" time="${time}">\n${cases.join('\n')}\n</testsuite>`
}
