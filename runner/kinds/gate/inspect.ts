import { diagnostic } from '../../model/diagnostic.ts'
import type { Diagnostic, Place } from '../../model/diagnostic.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { fillYaml } from '../../model/values/encode.ts'
import { promqlProblem } from '../../model/values/promql.ts'
import { attribute } from '../../model/runbook.ts'
import type { Fence, Step } from '../../model/runbook.ts'
import { hasTemplate } from '../../model/values/template.ts'
import { entriesOf, openMetric, standIns } from './metric-lines.ts'
import { selectorsOf } from './metric.ts'
import type { Metric } from './metric.ts'
import type { Params } from './gate-params.ts'
import { parseSource } from './sources/metric-source.ts'
import { parseMetricList } from './spec.ts'

/** Labels that tell one release from another. */
const releaseLabels =
  /^(colou?r|version|release|revision|track|canary|deployment|pod|instance|image|build|commit|sha)$/i

/** Findings about a gate before a run. */
export function gateProblems(step: Step): Diagnostic[] {
  return [...sourceProblems(step), ...bodyProblems(step)]
}

function sourceProblems({ attributes: { source, type } }: Step): Diagnostic[] {
  if (typeof source?.value !== 'string' || hasTemplate(source.value)) return []
  const read = parseSource(source.value, type?.value as Params['type'])
  const hint = 'Write the address of a Prometheus server, or of pages that end in /metrics.'
  return read.ok ? [] : [diagnostic('invalid-attribute', source.place, read.problem.message, { hint })]
}

function bodyProblems(step: Step): Diagnostic[] {
  const body = step.fences.find(({ role }) => role === 'main')
  if (!body) return []
  const read = readWhole(body.code)
  if (read.ok)
    return read.value.flatMap((metric, index) =>
      metricProblems(metric, scrapesOne(step), entryPlace(body, index)),
    )
  const { message } = read.problem
  const entry = Number(/^Metric (\d+): /.exec(message)?.[1] ?? 0)
  const place = entry > 0 ? entryPlace(body, entry - 1) : body.place
  const hint = 'See the reference of <Gate> for what a metric may say.'
  return [diagnostic('invalid-body', place, message.replace(/^Metric \d+: /, ''), { hint })]
}

/** Each entry is tried by itself: a limit of one is not a limit of another. */
function readWhole(code: string): Outcome<Metric[]> {
  if (!hasTemplate(code)) return parseMetricList(code)
  const entries = entriesOf(code)
  const metrics: Metric[] = []
  for (const [index, entry] of entries.entries()) {
    const tries = standIns.map((value) => parseMetricList(fillYaml(entry, () => value)))
    const fits = tries.find(({ ok }) => ok) ?? tries[0]
    const open = fits?.ok ? undefined : openMetric(entry)
    if (fits?.ok) metrics.push(...fits.value)
    else if (open) metrics.push(open)
    else if (fits) return failure(fits.problem.message.replace(/^Metric \d+/, `Metric ${index + 1}`))
  }
  return success(metrics)
}

/** A page of metrics scraped from one release holds that release alone; of a source not known yet nothing is said. */
function scrapesOne(step: Step): boolean {
  const source = attribute(step, 'source')
  return typeof source === 'string' && (hasTemplate(source) || /^\S+\/metrics\/?$/.test(source.trim()))
}

function metricProblems(metric: Metric, own: boolean, place: Place): Diagnostic[] {
  if (metric.measure.type === 'query') {
    const problem = promqlProblem(metric.measure.query)
    const hint = 'Write it as it works in the expression browser of the server.'
    return problem ? [diagnostic('invalid-query', place, problem.message, { hint })] : []
  }
  if (own) return []
  const selectors = selectorsOf(metric)
  if (selectors.some(({ matchers }) => matchers.some(({ label }) => releaseLabels.test(label)))) return []
  const message = `\`${selectors.at(-1)?.text}\` selects every release at once`
  const hint =
    'Name what tells the new release from the old one, such as {color="green"} or {version="1.4.0"}: old traffic hides new errors.'
  return [diagnostic('gate-selects-all', place, message, { hint })]
}

/** The line an entry of the list begins on. */
function entryPlace({ code, place }: Fence, index: number): Place {
  const starts = code.split('\n').flatMap((line, at) => (/^-(\s|$)/.test(line) ? [at] : []))
  return { file: place.file, line: place.line + (starts[index] ?? 0), column: place.column }
}
