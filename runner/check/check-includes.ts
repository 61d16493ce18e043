import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Runbook, Step } from '../model/runbook.ts'
import { attribute } from '../model/runbook.ts'
import { suggest } from '../model/suggest.ts'

/** Runbooks that are not there, and runbooks that lead back to themselves. */
export function checkIncludes(documents: readonly Runbook[], slugs: ReadonlySet<string>): Diagnostic[] {
  const bySlug = new Map(documents.map((document) => [document.slug, document]))
  return documents.flatMap((document) =>
    includes(document).flatMap(({ step, target }) => {
      const place = step.attributes['runbook']?.place ?? step.place
      if (!slugs.has(target)) {
        const near = suggest(target, slugs)
        const hint = near ? `Did you mean \`${near}\`?` : 'See `runbook list` for those there are.'
        const message = `Unexpected runbook \`${target}\`, expected one that exists`
        return [diagnostic('unknown-runbook', place, message, { hint })]
      }
      const way = wayBack(target, document.slug, bySlug, [])
      if (!way) return []
      const message = `Unexpected include of \`${target}\`, which leads back here: ${[document.slug, ...way].join(' → ')}`
      const hint = 'Take one of them out: a run that includes itself would never end.'
      return [diagnostic('include-cycle', place, message, { hint })]
    }),
  )
}

/** The steps of a document that include another, with its address. */
export function includes(document: Runbook): { step: Step; target: string }[] {
  return document.steps.flatMap((step) => {
    const target = step.kind === 'include' ? attribute(step, 'runbook') : undefined
    return typeof target === 'string' && !target.includes('${{') ? [{ step, target }] : []
  })
}

function wayBack(
  from: string,
  to: string,
  bySlug: ReadonlyMap<string, Runbook>,
  seen: readonly string[],
): string[] | undefined {
  if (from === to) return [...seen, to]
  const document = seen.includes(from) ? undefined : bySlug.get(from)
  if (!document) return undefined
  for (const { target } of includes(document)) {
    const way = wayBack(target, to, bySlug, [...seen, from])
    if (way) return way
  }
  return undefined
}
