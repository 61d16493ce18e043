import { stringify } from 'yaml'
import { fenceMarks } from '../model/text/fence-marks.ts'
import { labelAction } from './annotation.ts'
import { templateActions } from './check/template-actions.ts'
import { resultLabels } from './promql/result-labels.ts'
import type { AlertRule } from './rule.ts'
import { entry } from './rule.ts'

/** A page to write for an alert that has none. */
export interface Stub {
  alert: string
  slug: string
  /** Where the alert's link opens the page. */
  step: string
  text: string
  /** The query of the link that fills its inputs. */
  params: [string, string][]
}

/** Writes the page of an alert: what its rule says, a first look at the expression, and the questions to answer. */
export function stubFor(rule: AlertRule): Stub {
  const alert = rule.name.value.trim()
  const inputs = inputsOf(rule)
  const expr = plainText(rule.expr?.value, rule.expr?.opaque)
  const step = expr === undefined ? 'mitigate' : 'look'
  return {
    alert,
    slug: slugOf(alert),
    step,
    text: `---\n${frontmatter(rule, inputs, expr, step)}---\n\n${body(rule, expr)}`,
    params: [...inputs].map(([name, label]) => [name, labelAction(label)]),
  }
}

/**
 * `KubePodCrashLooping` becomes `kube-pod-crash-looping`.
 * @internal
 */
export function slugOf(alert: string): string {
  const words = alert
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 100)
  return words === '' ? 'alert' : words
}

const reserved = new Set(['alertname', 'severity', 'le', 'prometheus_url'])

/** The labels the expression names or the annotations use, as inputs. */
function inputsOf(rule: AlertRule): Map<string, string> {
  const possible = rule.expr && !rule.expr.opaque ? resultLabels(rule.expr.value) : undefined
  const closed = possible?.open === false ? [...possible.only] : []
  const used = rule.annotations.flatMap(({ value }) =>
    templateActions(value.value).flatMap(({ labels }) => labels),
  )
  const inputs = new Map<string, string>()
  for (const label of possible?.open === false ? closed : used) {
    const name = inputName(label)
    if (reserved.has(label) || name === undefined || inputs.has(name) || inputs.size >= 12) continue
    inputs.set(name, label)
  }
  return inputs
}

function inputName(label: string): string | undefined {
  const name = label.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')
  return /^[a-z][a-z0-9_]*$/.test(name) ? name : undefined
}

function frontmatter(
  rule: AlertRule,
  inputs: ReadonlyMap<string, string>,
  expr: string | undefined,
  step: string,
): string {
  const severity = entry(rule.labels, 'severity')
  const summary = plainText(entry(rule.annotations, 'summary')?.value, false)
  const name = rule.name.value.trim()
  const declared: Record<string, object> = {}
  for (const [input, label] of inputs) {
    declared[input] = {
      type: 'string',
      description: `The label \`${label}\` of the alert.`,
      default: '',
      ...(label === input ? {} : { aliases: [label] }),
      fromLabel: label,
    }
  }
  if (expr !== undefined) declared['prometheus_url'] = prometheusInput
  return stringify(
    {
      title: name,
      description:
        summary !== undefined && !summary.includes('{{')
          ? oneLine(summary)
          : `Instructions for the alert ${name}.`,
      ...(severity && !severity.opaque && !severity.value.includes('{{') ? { severity: severity.value } : {}),
      ...(Object.keys(declared).length > 0 ? { inputs: declared } : {}),
      alerts: [{ name, step }],
    },
    { lineWidth: 0 },
  )
}

const prometheusInput = {
  type: 'url',
  description: 'Where Prometheus answers.',
  default: 'http://127.0.0.1:9090',
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 200)
}

function plainText(text: string | undefined, opaque: boolean | undefined): string | undefined {
  return text === undefined || opaque === true || text.trim() === '' ? undefined : text
}

function body(rule: AlertRule, expr: string | undefined): string {
  const description = entry(rule.annotations, 'description') ?? entry(rule.annotations, 'message')
  const hold = rule.hold && !rule.hold.opaque ? `, for ${rule.hold.value.replaceAll(/[^\w.]/g, '')}` : ''
  const parts = [
    '## Meaning',
    `The alert fires while its expression has a result${hold}.`,
    ...(expr === undefined ? [] : [fenced('promql', expr)]),
    ...(description && !description.opaque
      ? ['Its annotation says:', fenced('text', description.value)]
      : []),
    '## Impact',
    'Say here who notices, and what no longer works for them.',
    '## Diagnosis',
    ...(expr === undefined
      ? ['Say here where to look first, and what a good and a bad value look like.']
      : [look(expr)]),
    '## Mitigation',
    '<Checklist id="mitigate" title="Bring the service back">\n\n- [ ] The cause is known, or at least what stops the effect.\n- [ ] The alert has stopped firing.\n\n</Checklist>',
  ]
  return `${parts.join('\n\n')}\n`
}

function look(expr: string): string {
  const query = encodeURIComponent(expr.trim()).replaceAll("'", '%27')
  const request = `GET \${{ inputs.prometheus_url }}/api/v1/query?query=${query}`
  return `<Http id="look" title="See what the expression says now">\n\nNo result means that the alert no longer fires.\n\n${fenced('http', request)}\n\n</Http>`
}

function fenced(language: string, text: string): string {
  const marks = fenceMarks(text)
  const safe = text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ').replace(/\s+$/, '')
  return `${marks}${language}\n${safe}\n${marks}`
}
