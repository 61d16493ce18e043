import { isUnreadable } from './unreadable.ts'
import type { Finding } from '../../../alerts/finding.ts'
import {
  alertDocs,
  alertGithub,
  alertJson,
  alertSarif,
  countBySeverity,
  reaches,
} from '../../../alerts/alert-report.ts'
import type { AlertReport } from '../../../alerts/alert-report.ts'
import { placesInRepository } from '../../../finding-formats.ts'
import { alertRules } from '../../../alerts/alert-rules.ts'
import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import type { Io, Style } from '../../../kit/io.ts'
import { version } from '../../../kit/version.ts'
import type { AlertOptions } from '../alerts-options.ts'
import type { Request } from './index.ts'
import { counted } from '../../../model/counted.ts'

interface ReportOptions {
  format: NonNullable<Request['options']['format']>
  failOn: Request['options']['failOn']
}

type Counted = Omit<AlertReport, 'site' | 'version'>

/** Prints the findings and returns the exit code: 2 when something could not be read, 1 for findings that count. */
export function printReport(summary: Counted, options: ReportOptions, chosen: AlertOptions, io: Io): number {
  const report: AlertReport = { ...summary, site: chosen.published, version }
  print(report, options.format, io)
  if (options.format === 'text') sayTotals(report, chosen, io)
  if (report.findings.some(isUnreadable)) return exit.usage
  return reaches(report.findings, options.failOn) ? exit.failed : exit.done
}

function print(report: AlertReport, format: ReportOptions['format'], io: Io): void {
  if (format === 'json') io.out(alertJson(report))
  else if (format === 'sarif') io.out(alertSarif(forHost(report, io)))
  else if (format === 'github') {
    if (report.findings.length > 0) io.out(alertGithub(forHost(report, io)))
  } else for (const finding of report.findings) io.out(line(finding, report.site, io))
}

function forHost(report: AlertReport, { cwd }: Io): AlertReport {
  const inRepository = placesInRepository(cwd)
  const findings = report.findings.map((finding) => ({ ...finding, place: inRepository(finding.place) }))
  return { ...report, findings }
}

const colors: Record<Finding['severity'], Style> = { error: 'red', warning: 'yellow', info: 'cyan' }

function line({ place, severity, message, code, hint }: Finding, site: string | undefined, io: Io): string {
  const head = `${printable(place.file)}:${place.line}:${place.column}: ${io.style(colors[severity], severity)}: ${printable(message)} [${code} ${alertRules[code].name}]`
  const more = [...(hint === undefined ? [] : [`hint: ${printable(hint)}`]), `docs: ${alertDocs(code, site)}`]
  return (
    process.stdout.isTTY
      ? [head, ...more.map((part) => `  ${part}`)].join('\n')
      : [head, ...more].join(' · ').replaceAll('\n', ' ')
  ).replaceAll(/\r/g, '')
}

function sayTotals({ files, alerts, findings, fixed }: AlertReport, { bases }: AlertOptions, io: Io): void {
  const { error, warning, info } = countBySeverity(findings)
  if (fixed > 0) io.note(`${counted(fixed, 'finding')} fixed`)
  if (bases.length === 0)
    io.note(
      'Links were not followed: no address of our pages is known. Give --base-url, or `site` in runbook.config.ts.',
    )
  io.note(
    `${counted(alerts, 'alert')} in ${counted(files, 'file')} checked: ${counted(error, 'error')}, ${counted(warning, 'warning')}, ${info} for information`,
  )
}
