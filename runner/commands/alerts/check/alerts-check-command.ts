import { dirname, relative, resolve } from 'node:path'
import type { CheckOptions, Subject } from '../../../alerts/check/alert.ts'
import { commonAnnotations, templateGlobs } from '../../../alerts/check/alertmanager.ts'
import type { TemplateFile } from '../../../alerts/check/alertmanager.ts'
import { checkRules } from '../../../alerts/check/check-alerts.ts'
import type { Checked } from '../../../alerts/check/check-alerts.ts'
import { unreferenced } from '../../../alerts/check/alert-pages.ts'
import { promtoolFindings, suitsPromtool } from '../../../alerts/check/promtool-findings.ts'
import { expand, missingWords, readRulePath, rulePaths, writeBack } from '../../../alerts/rule-files.ts'
import { foreignAlerts, foreignHint } from '../../../alerts/foreign-alerts.ts'
import { finding, placesIn } from '../../../alerts/finding.ts'
import type { Finding } from '../../../alerts/finding.ts'
import { fixFile } from '../../../alerts/fix-file.ts'
import type { RuleFile } from '../../../alerts/rule.ts'
import type { RuleFiles } from '../../../alerts/rule-files.ts'
import { promtoolOutput } from '../../../engine/process/promtool.ts'
import { sortByPlace } from '../../../model/diagnostic.ts'
import type { Request } from './index.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { showStage, withProgress } from '../../../kit/progress.ts'
import { existingFile } from '../../../regular-file.ts'
import { watched } from '../../../watched.ts'
import { readAlertOptions } from '../alerts-options.ts'
import { printReport } from './print.ts'
import { isUnreadable } from './unreadable.ts'

export async function run({ io, args, options }: Request): Promise<number> {
  const chosen = await readAlertOptions(options, io)
  const checked = await withProgress(io, 'Checking the alerts …', () =>
    checkFiles(args.files, chosen, options.fix, io),
  )
  const { files, missing, fixed, current, findings, subjects } = checked
  const all = sortByPlace([
    ...findings,
    ...missing.map((name) => {
      const { message, hint } = missingWords(name, io.cwd)
      return finding('AL00', '', { file: name, line: 1, column: 1 }, message, { hint })
    }),
    ...foreignFindings(current, args.files, io.cwd),
    ...(chosen.labels.length > 0 ? [] : unreferenced(subjects, chosen.site)),
    ...templateFindings(options, subjects, io),
    ...(await askPromtool(current, options, io)),
  ])
  if (subjects.length === 0 && !all.some(isUnreadable)) throw noAlerts(files, args.files)
  return printReport(
    { files: files.length, alerts: subjects.length, findings: all, fixed: fixed.length },
    { format: options.format ?? (io.json ? 'json' : 'text'), failOn: options.failOn },
    chosen,
    io,
  )
}

function noAlerts(files: readonly RuleFile[], wanted: readonly string[]): CliError {
  const where = files.length === 1 ? `\`${wanted[0]}\`` : `${files.length} files`
  const routes = files.find(({ text }) => /^route\s*:/m.test(text) && /^receivers\s*:/m.test(text))
  const hint = routes
    ? `\`${routes.file}\` is a configuration of Alertmanager: give it with --alertmanager, beside the files that define alerts.`
    : (foreignHint(files) ?? 'Name the files that define alerts; with --label, look at the labels they have.')
  return new CliError(exit.usage, `There is no alert in ${where}`, hint)
}

/** Files in a format that is not read. In a folder they lie beside the rules; those named by themselves were meant. */
function foreignFindings(files: readonly RuleFile[], wanted: readonly string[], cwd: string): Finding[] {
  const named = new Set(wanted.map((name) => resolve(cwd, name)))
  return files.flatMap(({ file, text, rules }) => {
    const foreign = rules.length > 0 || !named.has(resolve(cwd, file)) ? undefined : foreignAlerts(text)
    if (!foreign) return []
    const message = `The file is ${foreign.name}, which is not read`
    return [finding('AL00', '', placesIn(file, text)(foreign.offset), message, { hint: foreign.advice })]
  })
}

async function checkFiles(wanted: readonly string[], chosen: CheckOptions, fix: boolean, io: Io) {
  const read = await readAll(wanted, io.cwd)
  const fixed = fix ? await fixAll(read.files, chosen, io) : []
  const current = fixed.length > 0 ? (await readAll(wanted, io.cwd)).files : read.files
  return { ...read, fixed, current, ...(await checkAll(current, chosen)) }
}

async function readAll(wanted: readonly string[], cwd: string): Promise<RuleFiles> {
  const { paths, missing } = rulePaths(wanted, cwd)
  const files: RuleFile[] = []
  for await (const path of watched(paths, 'rule files read')) files.push(readRulePath(path, cwd))
  return { files, missing }
}

async function checkAll(files: readonly RuleFile[], chosen: CheckOptions): Promise<Checked> {
  const checked: Checked[] = []
  for await (const file of watched(files, 'rule files')) checked.push(checkRules([file], chosen))
  return {
    findings: checked.flatMap(({ findings }) => findings),
    subjects: checked.flatMap(({ subjects }) => subjects),
  }
}

async function fixAll(files: readonly RuleFile[], chosen: CheckOptions, io: Io): Promise<Finding[]> {
  const fixed: Finding[] = []
  for await (const file of watched(files, 'rule files fixed')) {
    const mended = fixFile(file, (one) => checkRules([one], chosen).findings)
    if (mended && writeBack(file, mended.text, io.cwd)) fixed.push(...mended.fixed)
  }
  return fixed
}

function templateFindings(options: Request['options'], subjects: readonly Subject[], io: Io): Finding[] {
  const files: TemplateFile[] = []
  const problems: Finding[] = []
  const read = (path: string, name: string): string => {
    const content = existingFile(path)
    if (content.ok) {
      const text = content.value.toString('utf8')
      files.push({ file: name, text })
      return text
    }
    const message = `The file ${content.problem.message}`
    problems.push(
      finding('AL00', '', { file: name, line: 1, column: 1 }, message, { hint: 'Correct the path.' }),
    )
    return ''
  }
  const globs = options.templates.map((glob) => ({ glob, folder: io.cwd }))
  for (const config of options.alertmanager) {
    const path = resolve(io.cwd, config)
    for (const glob of templateGlobs(read(path, config))) globs.push({ glob, folder: dirname(path) })
  }
  for (const { glob, folder } of globs) {
    const paths = expand(glob, folder)
    if (paths.length === 0) io.note(`No template fits \`${glob}\`.`)
    for (const path of paths) read(path, relative(io.cwd, path))
  }
  return [...commonAnnotations(files, subjects), ...problems]
}

async function askPromtool(
  files: readonly RuleFile[],
  options: Request['options'],
  io: Io,
): Promise<Finding[]> {
  if (options.noPromtool) return []
  const plain = files.filter(suitsPromtool)
  if (plain.length === 0) return []
  const output = await promtoolOutput(
    plain.map(({ file }) => file),
    io.cwd,
    io.env,
  ).finally(showStage(io, 'Asking promtool …'))
  if (output !== undefined) return promtoolFindings(output, plain)
  io.note('`promtool check rules` did not run: promtool is not installed. Install it, or add --no-promtool.')
  return []
}
