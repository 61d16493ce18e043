import type { Runbook } from '../../model/runbook.ts'
import { anchorsIn } from './anchors.ts'
import { makeSite } from './pages.ts'
import type { Page, Site } from './pages.ts'

export interface OwnDocument {
  runbook: Runbook
  text: string
}

/** The pages of our own site: each runbook with its anchors and inputs, and an address for each alert it names. */
export function ownSite(documents: readonly OwnDocument[]): Site {
  const aliases = new Map<string, Page>()
  const pages = documents.map((document) => {
    const page = ownPage(document)
    for (const old of document.runbook.meta.aliases ?? []) {
      const path = old.toLowerCase().replaceAll(/^\/+|\/+$/g, '')
      aliases.set(path, page)
      aliases.set(`runbooks/${path}`, page)
    }
    for (const { name } of page.alerts) aliases.set(`alerts/${name.toLowerCase()}`, page)
    // A base that names the folder of runbooks itself is as good as one that names the site.
    aliases.set(document.runbook.slug, page)
    return page
  })
  return makeSite(pages, aliases, [''])
}

function ownPage({ runbook, text }: OwnDocument): Page {
  const { slug, file, meta, steps } = runbook
  const alerts = meta.alerts ?? []
  const anchors = anchorsIn(text)
  for (const { id, attributes } of steps) {
    anchors.add(id.toLowerCase())
    const was = attributes['was']?.value
    const old = Array.isArray(was) ? was.map(String) : String(was ?? '').split(/[\s,]+/)
    for (const one of old) anchors.add(one.toLowerCase())
  }
  for (const { name } of alerts) anchors.add(`alert-name-${name.toLowerCase()}`)
  return { address: `runbooks/${slug}`, file, anchors, inputs: meta.inputs ?? {}, alerts }
}
