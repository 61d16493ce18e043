import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import { compilePattern } from '../model/values/pattern.ts'
import { readInput } from '../model/values/read-input.ts'
import type { Runbook } from '../model/runbook.ts'
import { suggest } from '../model/suggest.ts'
import { isLinkKey } from './check/alert.ts'
import { fillInputs, parseLink, targetOf } from './link.ts'
import type { AlertLink } from './link.ts'
import { alertName } from './webhook.ts'
import type { Alert } from './webhook.ts'

/** The run an alert or its link asks for. It is untrusted until each value has been read by its input. */
export interface Proposal {
  slug: string
  /** The step the link opens; empty for the top of the page. */
  step: string
  /** Values by input, as they came. */
  values: Record<string, string>
  /** Parameters without an input. */
  context: [name: string, value: string][]
}

/** The run a link asks for, among the documents there are. */
export function proposalOfLink(text: string, documents: readonly Runbook[], base = ''): Outcome<Proposal> {
  const link = parseLink(text)
  const target = findDocument(link, documents, base)
  if (!target.ok) return target
  const { document, step } = target.value
  const { values, context } = fillInputs(document.meta.inputs ?? {}, link.params)
  return success({ slug: document.slug, step: stepOf(document, link.anchor || step), values, context })
}

/** The run an alert asks for: by its link when that leads to one of our runbooks, else by its name. */
export function proposalOfAlert(alert: Alert, documents: readonly Runbook[], base = ''): Outcome<Proposal> {
  const url = Object.entries(alert.annotations).find(([name, value]) => isLinkKey(name) && value !== '')?.[1]
  const link = url === undefined ? undefined : parseLink(url)
  const linked = link && findDocument(link, documents, base)
  const target = linked?.ok ? linked : namedBy(alertName(alert), documents)
  if (!target.ok) return target
  const { document, step } = target.value
  const { params, anchor } = linked?.ok && link ? link : { params: [], anchor: '' }
  const { values, context } = fillInputs(document.meta.inputs ?? {}, [
    ...params,
    ...Object.entries(alert.labels),
  ])
  return success({ slug: document.slug, step: stepOf(document, anchor || step), values, context })
}

/** Values that do not fit their inputs: what is wrong, by input. */
export function valueProblems(
  document: Runbook,
  values: Readonly<Record<string, string>>,
): Map<string, string> {
  const problems = new Map<string, string>()
  for (const [name, value] of Object.entries(values)) {
    const spec = document.meta.inputs?.[name]
    const read = spec && readInput(spec, value, compilePattern)
    if (read?.ok === false) problems.set(name, read.problem.message)
  }
  return problems
}

type Target = Outcome<{ document: Runbook; step: string }>

function findDocument(link: AlertLink, documents: readonly Runbook[], base: string): Target {
  const target = targetOf(link.address, base)
  if (!target)
    return failure('The link leads to no runbook', { hint: 'It looks like https://…/runbooks/<name>/.' })
  if (target.page === 'alert') return namedBy(target.name, documents)
  const clean = (address: string): string =>
    address
      .toLowerCase()
      .replaceAll(/^\/+|\/+$/g, '')
      .replace(/^runbooks\//, '')
  const document =
    documents.find(({ slug }) => slug === target.slug) ??
    documents.find(({ meta }) => meta.aliases?.some((alias) => clean(alias) === target.slug))
  if (document) return success({ document, step: '' })
  const near = suggest(
    target.slug,
    documents.map(({ slug }) => slug),
  )
  return failure(`There is no runbook \`${target.slug.slice(0, 200)}\``, {
    hint: near ? `Did you mean \`${near}\`?` : 'See `runbook list`.',
  })
}

function namedBy(name: string, documents: readonly Runbook[]): Target {
  const wanted = name.toLowerCase()
  for (const document of documents)
    for (const alert of document.meta.alerts ?? [])
      if (alert.name.toLowerCase() === wanted)
        return success({ document, step: 'step' in alert ? (alert.step ?? '') : '' })
  return failure(`No runbook names the alert \`${name.slice(0, 200)}\``, {
    hint: 'List it under `alerts:` in the frontmatter of one, or give the alert a `runbook_url`.',
  })
}

/** The step an anchor stands for; a heading or an unknown anchor is the top of the page. */
function stepOf({ steps, anchors }: Runbook, anchor: string): string {
  const wanted = anchor.toLowerCase()
  const step = steps.find(({ id }) => id.toLowerCase() === wanted)
  if (step) return step.id
  const line = anchors.find(({ name, kind }) => kind === 'alias' && name.toLowerCase() === wanted)?.place.line
  return line === undefined
    ? ''
    : (steps.findLast(({ place }) => place.line <= line && place.line >= line - 3)?.id ?? '')
}
