import { dirname, join, relative, sep } from 'node:path'
import { listEntries, slugOf } from '../library.ts'
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
  /** The last part of the addresses of each service that a runbook is about. */
  services: ReadonlySet<string>
}

interface Sources {
  root: string
  content: string
  site?: string | undefined
  /** Absolute path of the guide that comes with the site: its pages are below docs, where no other page is. */
  guide?: string | undefined
  /** The runbooks by absolute path. */
  documents: readonly { path: string; document: Runbook }[]
}

export function linkLibrary({ root, content, site, guide, documents }: Sources): LinkLibrary {
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
  return { root, content, site, pages, addresses, services: servicesOf(documents) }
}

function servicesOf(documents: Sources['documents']): Set<string> {
  const services = new Set<string>()
  for (const name of new Set(documents.flatMap(({ document }) => document.meta.services ?? [])))
    addressPart(name, services)
  return services
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
