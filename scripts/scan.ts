import { existsSync, readFileSync } from 'node:fs'
import { defineCommand, defineProgram, many, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport, Values } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { choice, day, duration, filePath, httpUrl, string } from '../runner/kit/types.ts'
import { needed, readAs } from '../runner/kit/read-values.ts'
import { failure, orThrow, success } from '../runner/model/problem.ts'
import type { Outcome } from '../runner/model/problem.ts'
import { checked } from '../runner/status/checked.ts'
import { uploadSarif } from './adapters/code-scanning.ts'
import { writeAtomically } from './lib/atomic.ts'
import { messageOf } from './lib/errors.ts'
import { requiredEnv } from './lib/required-env.ts'
import { acceptancesSchema, judgeFindings } from './programs/scan/acceptances.ts'
import type { Acceptance, JudgedFinding } from './programs/scan/acceptances.ts'
import { readReport, severities } from './programs/scan/report.ts'
import type { ScanReport } from './programs/scan/report.ts'
import { sarifOf } from './programs/scan/sarif.ts'
import { runScanner, scanners } from './programs/scan/scanners.ts'
import type { ScannerName } from './programs/scan/scanners.ts'
import { counted } from '../runner/model/counted.ts'

const RULES = {
  failOn: withDefault(choice(severities), 'high', 'The least severity that blocks.'),
  accept: withDefault(
    filePath('file'),
    'content/risk-acceptances.yaml',
    'The accepted risks; it need not exist.',
  ),
  now: optional(day, 'Another day than today.'),
}

const judge = defineCommand({
  name: 'judge',
  summary:
    'Judge reports of scanners in SARIF, CycloneDX, or the JSON of npm audit, Trivy, Snyk and Clair. Exits with 1 when a finding blocks, with 3 when a report says nothing.',
  args: {},
  options: { report: many(filePath('file'), 'A report.'), ...RULES },
  effect: 'read',
  examples: ['runbook scan judge --report trivy.sarif --report bom.json'],
  run({ options }): Promise<CommandReport> {
    if (options.report.length === 0) throw new CliError(exit.usage, 'Nothing to judge', 'Give --report.')
    const reports = options.report.map((file) => named(file, textOf(file)))
    return Promise.resolve(reportOf(reports, options))
  },
})

const run = defineCommand({
  name: 'run',
  summary:
    'Run a scanner in a folder and judge its report. A scanner that crashed is inconclusive, and never a pass.',
  args: { scanner: required(choice(Object.keys(scanners) as ScannerName[])) },
  options: {
    folder: withDefault(filePath('folder'), '.', 'The folder.'),
    limit: withDefault(duration(), '15m', 'Longest time for the scanner.'),
    save: optional(filePath('file'), 'Also keep the report of the scanner, as it printed it.'),
    ...RULES,
  },
  effect: 'read',
  examples: ['runbook scan run npm-audit', 'runbook scan run trivy --fail-on critical'],
  async run({ args, options }): Promise<CommandReport> {
    const printed = await runScanner(args.scanner, options.folder, options.limit)
    if (options.save !== undefined && printed.ok) await writeAtomically(options.save, printed.value)
    return reportOf([named(args.scanner, printed)], options)
  },
})

const upload = defineCommand({
  name: 'upload',
  summary:
    'Upload a report to code scanning of GitHub, and wait until it is read there. Other forms become SARIF.',
  args: {},
  options: {
    report: required(filePath('file'), 'The report, in a form that `judge` reads.'),
    repository: optional(string('owner/name'), 'Default: GITHUB_REPOSITORY.'),
    commit: optional(string('commit'), 'The commit that was scanned. Default: GITHUB_SHA.'),
    ref: optional(string('ref'), 'Its branch or tag, such as refs/heads/main. Default: GITHUB_REF.'),
    wait: withDefault(duration(), '2m', 'Longest time for the host to read it.'),
  },
  effect: 'write',
  examples: ['runbook scan upload --report trivy.sarif'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { env } = process
    const json = orThrow(textOf(options.report))
    const report = orThrow(readReport(json))
    const repository = needed(options.repository ?? env['GITHUB_REPOSITORY'], '--repository')
    const commit = needed(options.commit ?? env['GITHUB_SHA'], '--commit')
    const ref = needed(options.ref ?? env['GITHUB_REF'], '--ref')
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository))
      throw new CliError(exit.usage, `Unexpected repository \`${repository}\``, 'Expected owner/name.')
    const sarif = isSarif(json) ? json : sarifOf(report)
    const what = `${counted(report.findings.length, 'finding')} of ${report.scanner} at ${commit.slice(0, 12)}`
    if (dryRun) return { document: { ok: true, dryRun }, text: `$ would upload ${what} to ${repository}\n` }
    const [token] = requiredEnv(['GITHUB_TOKEN'])
    const api = readAs(httpUrl, env['GITHUB_API_URL'] || 'https://api.github.com', 'GITHUB_API_URL')
    const host = { api: api.replace(/\/+$/, ''), token, repository }
    const id = await uploadSarif(host, { sarif, commit, ref }, options.wait)
    return { document: { ok: true, dryRun, id }, text: `+ ${repository} has ${what}: ${id}\n` }
  },
})

function isSarif(json: string): boolean {
  return 'runs' in (JSON.parse(json) as object)
}

interface NamedReport {
  name: string
  read: Outcome<ScanReport>
}

function named(name: string, json: Outcome<string>): NamedReport {
  return { name, read: json.ok ? readReport(json.value) : json }
}

function textOf(file: string): Outcome<string> {
  try {
    return success(readFileSync(file, 'utf8'))
  } catch (error) {
    return failure(messageOf(error))
  }
}

function reportOf(
  reports: readonly NamedReport[],
  { failOn, accept, now }: Values<typeof RULES>,
): CommandReport {
  const acceptances: Acceptance[] = existsSync(accept)
    ? checked(acceptancesSchema, readFileSync(accept, 'utf8'), accept).acceptances
    : []
  const today = now ?? new Date().toISOString().slice(0, 10)
  const findings = reports.flatMap(({ read }) =>
    read.ok ? judgeFindings(read.value.findings, acceptances, failOn, today) : [],
  )
  const blocking = findings.filter(({ state }) => state === 'blocks' || state === 'expired')
  const silent = reports.flatMap(({ name, read }) => (read.ok ? [] : [{ name, ...read.problem }]))
  const result = blocking.length > 0 ? 'blocked' : silent.length > 0 ? 'inconclusive' : 'passed'
  const below = findings.filter(({ state }) => state === 'below').length
  return {
    document: { ok: result === 'passed', result, findings, inconclusive: silent },
    text: [
      ...findings.filter(({ state }) => state !== 'below').map(lineOf),
      ...silent.map(({ name, message, hint = '' }) => `?    ${name}: ${message}. ${hint}`.trimEnd() + '\n'),
      `${result}: ${blocking.length} block, ${below} are below ${failOn}, in ${reports.length - silent.length} of ${reports.length} reports\n`,
    ].join(''),
    exitCode: { passed: exit.done, blocked: exit.failed, inconclusive: exit.invalid }[result],
    hint:
      result === 'blocked'
        ? `Update the package, or accept the risk until a day in ${accept}.`
        : 'Make the scanner work, and try again: without a report nothing is known.',
  }
}

function lineOf({ state, id, severity, where, title, acceptance }: JudgedFinding): string {
  const note =
    acceptance === undefined
      ? ''
      : `, ${state === 'expired' ? 'accepted only until' : 'accepted until'} ${acceptance.expires} by ${acceptance.by}: ${acceptance.reason}`
  return `${state === 'accepted' ? 'note' : 'FAIL'} ${id} ${severity} ${where} ${title}${note}\n`
}

export const program = defineProgram({
  name: 'runbook scan',
  summary: 'Judge what scanners report: findings block until they are fixed, or accepted until a day.',
  commands: [judge, run, upload],
})

if (import.meta.main) await runProgram(program)
