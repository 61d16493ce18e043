import type { Runbook } from '../../model/runbook.ts'
import { makeSite } from './page-site.ts'
import type { ForeignPage, Site } from './page-site.ts'

export interface OwnDocument {
  document: Runbook
  text: string
}

/** The pages of our own site: each runbook with its anchors and inputs, and an address for each alert it names. */
export function ownSite(documents: readonly OwnDocument[]): Site {
  const aliases = new Map<string, ForeignPage>()
  const pages = documents.map(({ document, text }) => {
    const page = ownPage(document, text)
    for (const old of document.meta.aliases ?? []) {
      const path = old.toLowerCase().replaceAll(/^\/+|\/+$/g, '')
      aliases.set(path, page)
      aliases.set(`runbooks/${path.replace(/^runbooks\//, '')}`, page)
    }
    for (const { name } of page.alerts) aliases.set(`alerts/${name.toLowerCase()}`, page)
    // A base that names the folder of runbooks itself is as good as one that names the site.
    aliases.set(document.slug, page)
    return page
  })
  return makeSite(pages, aliases, [''])
}

function ownPage({ slug, file, meta, steps, anchors }: Runbook, text: string): ForeignPage {
  const alerts = meta.alerts ?? []
  const names = [
    '',
    'top',
    ...anchors.map(({ name }) => name),
    ...steps.map(({ id }) => id),
    ...alerts.map(({ name }) => `alert-name-${name}`),
  ]
  return {
    address: `runbooks/${slug}`,
    file,
    text,
    anchors: new Set(names.map((name) => name.toLowerCase())),
    inputs: meta.inputs ?? {},
    alerts,
  }
}
