import { githubLine, placesInRepository } from '../../finding-formats.ts'
import type { Config } from '../../config.ts'
import { coverageOf } from '../../scenarios/coverage.ts'
import { junitTests } from '../../scenarios/junit-tests.ts'
import { mutate } from '../../scenarios/mutate.ts'
import { makeSuite, playSuite } from '../../scenarios/suite.ts'
import type { Suite } from '../../scenarios/suite.ts'
import {
  differenceText,
  failedScenarios,
  jsonReport,
  noticedShare,
  textReport,
} from '../../scenarios/test-report.ts'
import type { SuiteReport, TestReport } from '../../scenarios/test-report.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { watchOn } from '../../kit/progress.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { chosenEntries, readTested, suiteWorld } from './scenario-files.ts'
import type { Tested } from './scenario-files.ts'

export async function run(call: Request): Promise<number> {
  const { io, args, options } = call
  const config = await openWorkspace(io)
  if (options.record !== undefined) {
    const { recordRun } = await import('./record-run.ts')
    return recordRun(config, options.record, io)
  }
  const entries = chosenEntries(config, args.target, io)
  if (options.init) {
    const { draftFile } = await import('./draft-file.ts')
    return draftFile(config, entries, io)
  }
  const tested = await readTested(config, entries, io)
  const suites: SuiteReport[] = []
  const ready = tested.filter(({ read }) => read)
  for await (const one of watchOn(io)(ready, 'runbooks')) suites.push(await testOne(one, config, call))
  const untested = tested.filter(({ read }) => !read).map(({ runbook }) => runbook.slug)
  if (suites.length === 0 && !options.ifAny)
    throw new CliError(
      exit.usage,
      `There are no scenarios${args.target === undefined ? '' : ` for \`${args.target}\``}`,
      `Print a first file with \`${io.program} test ${args.target ?? '<runbook>'} --init\`.`,
    )
  const report = { suites, untested: args.target === undefined ? untested : [] }
  print(report, call)
  return exitOf(report, call)
}

async function testOne(tested: Tested, config: Config, { io, options }: Request): Promise<SuiteReport> {
  const { runbook, read, entry, file } = tested
  if (!read) throw new TypeError(`${runbook.slug} has no scenarios`)
  const suite = await suiteOf(tested, config, io)
  const results = await playSuite(suite, options.scenario)
  const plan = results.find(({ subject }) => subject)?.subject?.original
  const played = results.flatMap((result) => result.played ?? [])
  const failed = results.some(({ differences }) => differences.length > 0)
  return {
    runbook: runbook.slug,
    document: shown(entry.path, io.cwd),
    file,
    scenarios: results.map(({ scenario, index, differences, ms }) => ({
      name: scenario.name,
      place: read.placeOf(['scenarios', index]),
      ms,
      differences: differences.map((one) => ({
        ...one,
        place: read.placeOf(['scenarios', index, ...one.path]),
      })),
    })),
    coverage: plan ? coverageOf(plan, played) : { points: [], unreached: [] },
    // A scenario that fails notices every change.
    ...(options.mutate && !failed ? { mutation: await mutate(suite, results) } : {}),
  }
}

function suiteOf({ runbook, read }: Tested, config: Config, io: Io): Promise<Suite> {
  const file = read?.file ?? { inputs: {}, steps: {}, scenarios: [] }
  return makeSuite(runbook, file, suiteWorld(config, io))
}

function print(report: TestReport, { io, options }: Request): void {
  const format = options.format ?? (io.json ? 'json' : 'text')
  if (format === 'json') return io.out(JSON.stringify(jsonReport(report), undefined, 2))
  if (format === 'junit') return io.out(junitTests(report))
  if (format === 'github') {
    const inRepository = placesInRepository(io.cwd)
    for (const { scenarios } of report.suites)
      for (const { name, differences } of scenarios)
        for (const one of differences)
          io.out(githubLine('error', inRepository(one.place), name, [differenceText(one)]))
  }
  for (const line of textReport(report, options.coverage)) io.note(printable(line))
}

function exitOf(report: TestReport, { io, options }: Request): number {
  if (failedScenarios(report) > 0) {
    if (options.mutate) io.note('No changes were tried: a scenario that fails notices every change.')
    return exit.failed
  }
  const { least } = options
  if (!options.mutate || least === undefined || noticedShare(report) >= least) return exit.done
  io.note(
    `Only ${Math.floor(noticedShare(report) * 100)} % of the changes were noticed, fewer than ${least * 100} %.`,
  )
  return exit.failed
}
