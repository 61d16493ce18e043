import { isRequired } from '../model/values/read-input.ts'
import type { InputSpec } from '../model/values/input-types.ts'
import type { Runbook } from '../model/runbook.ts'
import { buildLink } from './link.ts'

/** The annotation that leads from an alert to its step. */
export interface Annotation {
  alert: string
  runbook: string
  step: string
  url: string
  /** Required inputs that no label fills: the responder is asked for them. */
  asked: string[]
}

/** One for each alert a runbook names; inputs that say which label fills them come from the alert. */
export function annotationsOf(runbook: Runbook, base: string): Annotation[] {
  const inputs = Object.entries(runbook.meta.inputs ?? {})
  const params = inputs.flatMap(([name, spec]): [string, string][] => {
    const label = spec.type === 'secret' ? undefined : spec.fromLabel
    return label === undefined ? [] : [[name, labelAction(label)]]
  })
  const asked = inputs.filter(([, spec]) => isAsked(spec)).map(([name]) => name)
  return (runbook.meta.alerts ?? []).map((alert) => {
    const step = 'step' in alert ? (alert.step ?? '') : ''
    return {
      alert: alert.name,
      runbook: runbook.slug,
      step,
      url: buildLink(base, runbook.slug, params, step),
      asked,
    }
  })
}

function isAsked(spec: InputSpec): boolean {
  return isRequired(spec) && spec.fromLabel === undefined
}

/** How a template of Prometheus writes a label into an address. */
export function labelAction(label: string): string {
  return /^[A-Za-z_]\w*$/.test(label)
    ? `{{ $labels.${label} | urlquery }}`
    : `{{ index $labels ${JSON.stringify(label)} | urlquery }}`
}

/** The line to paste below `annotations:`; single quotes keep YAML from reading anything into it. */
export function annotationLine(url: string): string {
  return `runbook_url: '${url.replaceAll("'", "''")}'`
}
