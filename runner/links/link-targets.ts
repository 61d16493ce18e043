import { dirname, join, relative, sep } from 'node:path'
import { listEntries, slugOf } from '../library.ts'
import { moments } from '../model/meta.ts'
import { addressPart } from '../model/text/address-part.ts'
import type { Runbook } from '../model/runbook.ts'

/** Everything a link of a document may lead to. Addresses are below the site's root, lower case, without outer slashes. */
export interface LinkLibrary {
  /** Absolute path of the project. */
  root: string
  /** Absolute path of the folder of runbooks. */
  content: string
  /** Address of the published site, without a slash at its end; links to it are ours. */
  site?: string | undefined
  /** The document of each address, earlier addresses included. */
  pages: ReadonlyMap<string, string>
  /** The address of each document, by its absolute path. */
  addresses: ReadonlyMap<string, string>
  /** Addresses of the pages that show several documents, and of the figures of a service. */
  groups: ReadonlySet<string>
  /** The names of alerts that have a page, in lower case. Absent where the rules of alerts are unknown. */
  alerts?: (() => ReadonlySet<string>) | undefined
}

interface Sources {
  root: string
  content: string
  site?: string | undefined
  /** Absolute path of the guide that comes with the site: its pages are below docs, where no other page is. */
  guide?: string | undefined
  /** The runbooks by absolute path. */
  documents: readonly { path: string; document: Runbook }[]
  /** Reads the names of the alerts that rule files have. Without it a link to any alert is one to a page. */
  ruleNames?: (() => readonly string[]) | undefined
}

export function linkLibrary(sources: Sources): LinkLibrary {
  const { root, content, site, guide, documents, ruleNames } = sources
  const pages = new Map<string, string>()
  const addresses = new Map<string, string>()
  const add = (address: string, path: string): void => {
    pages.set(address, path)
    addresses.set(path, address)
  }
  for (const { path, document } of documents)
    for (const alias of document.meta.aliases ?? []) pages.set(aliasAddress(alias).toLowerCase(), path)
  for (const { path } of guide === undefined ? [] : listEntries(guide))
    add(docAddress(relative(guide ?? '', path)), path)
  for (const { path } of listEntries(docsOf(content) ?? '')) add(addressOf(path, content) ?? '', path)
  for (const { path, document } of documents) add(`runbooks/${document.slug}`, path)
  const metas = documents.map(({ document }) => document.meta)
  let alerts: Set<string> | undefined
  return {
    root,
    content,
    site,
    pages,
    addresses,
    groups: groupsOf(documents),
    alerts: ruleNames && (() => (alerts ??= alertsOf(metas, ruleNames()))),
  }
}

function groupsOf(documents: Sources['documents']): Set<string> {
  const metas = documents.map(({ document }) => document.meta)
  const folders = documents.map(({ document: { slug } }) => slug.slice(0, Math.max(0, slug.indexOf('/'))))
  const services = metas.flatMap(({ services: own = [] }) => own)
  return new Set([
    ...moments.map((moment) => `by/moment/${moment}`),
    'by/review/overdue',
    ...partsOf('by/service', services),
    ...partsOf('kpi/service', services),
    ...partsOf(
      'by/folder',
      folders.filter((folder) => folder !== ''),
    ),
    ...partsOf('by/owner', metas.map(({ owner }) => owner ?? []).flat()),
    ...partsOf('by/severity', metas.map(({ severity }) => severity ?? []).flat()),
  ])
}

/** The addresses of values below one; values of the same letters are told apart by numbers. */
function partsOf(above: string, values: readonly string[]): string[] {
  const parts = new Set<string>()
  for (const value of new Set(values)) addressPart(value, parts)
  return [...parts].map((part) => `${above}/${part}`)
}

function alertsOf(metas: readonly Runbook['meta'][], ruleNames: readonly string[]): Set<string> {
  const named = metas.flatMap(({ alerts = [] }) => alerts.map(({ name }) => name))
  return new Set([...named, ...ruleNames].map((name) => name.toLowerCase()))
}

/** Written documentation lies beside the runbooks. A folder called `docs` that holds the runbooks themselves is not it. */
export function docsOf(content: string): string | undefined {
  const folder = join(dirname(content), 'docs')
  return folder === content ? undefined : folder
}

/** An earlier address: `old/name` is one below /runbooks/, `/wiki/old` one below the site. */
export function aliasAddress(alias: string): string {
  const path = alias.startsWith('/') ? alias : `runbooks/${alias}`
  return path.replaceAll(/^\/+|\/+$/g, '')
}

/** The address of a document's page; undefined for a file that has no page. The start page of the guide is `docs`. */
function addressOf(path: string, content: string): string | undefined {
  const inside = relative(content, path)
  if (!inside.startsWith('..')) return `runbooks/${slugOf(inside)}`
  const docs = docsOf(content)
  const doc = docs === undefined ? '..' : relative(docs, path)
  return doc.startsWith('..') ? undefined : docAddress(doc)
}

/** The address of a page of documentation, by its path in the folder. */
function docAddress(file: string): string {
  const slug = slugOf(file)
  return slug === 'index' ? 'docs' : ['docs', ...slug.split(sep)].join('/')
}
