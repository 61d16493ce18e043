import type { Page } from '../runbooks/runbook-pages.ts'
import { oldIds } from './step-facts.ts'
import { aliasAddress } from '../../../runner/links/link-targets.ts'

/** A runbook for programs. `format` of the whole file counts up when a field changes its meaning or goes. */
export function machineForm(page: Page, anchors: readonly string[], site: URL, hasEmbed: boolean) {
  const { slug, file, title, meta, steps, sha256 } = page
  const address = (path: string): string => new URL(path, site).href
  return {
    slug,
    url: address(`runbooks/${slug}/`),
    /** The page for frames of other sites; null where none are built. */
    embed: hasEmbed ? address(`embed/runbooks/${slug}/`) : null,
    file,
    sha256,
    title,
    description: meta.description ?? null,
    owner: meta.owner ?? null,
    services: meta.services ?? [],
    severity: meta.severity ?? null,
    reviewed: meta.reviewed ?? null,
    inputs: meta.inputs ?? {},
    alerts: meta.alerts ?? [],
    aliases: (meta.aliases ?? []).map((alias) => address(`${aliasAddress(alias)}/`)),
    anchors,
    steps: steps.map((step) => ({
      id: step.id,
      url: address(`runbooks/${slug}/#${step.id}`),
      number: step.number,
      kind: step.kind,
      title: step.title,
      phase: step.phase ?? null,
      effect: step.effect,
      was: oldIds(step),
      outputs: step.outputs,
    })),
  }
}

export function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
