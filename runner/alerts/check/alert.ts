import type { Place } from '../../model/diagnostic.ts'
import { splitLink } from '../link.ts'
import type { LinkParts } from '../link.ts'
import type { ForeignPage, Site } from '../pages/page-site.ts'
import type { AlertRule, RuleEntry, RuleFile, Text } from '../rule.ts'
import { entry } from '../rule.ts'

export interface CheckOptions {
  /** Addresses our pages are published under, or `./folder` that links begin with which are paths. */
  bases: readonly string[]
  site: Site
  /** Severities that wake somebody, lower case; `any` is every one. */
  severities: readonly string[]
  /** Labels an alert must have to be looked at, as name and value. */
  labels: readonly (readonly [string, string])[]
}

/** A runbook link as written in a rule. */
export interface RuleLink {
  key: string
  text: Text
  parts: LinkParts
  /** The path below one of our bases; undefined for the page of somebody else. */
  path: string | undefined
  page: ForeignPage | undefined
}

/** The arguments of every check of one alert. */
export interface Subject {
  rule: AlertRule
  links: RuleLink[]
  /** Whether this alert wakes somebody. */
  paging: boolean
  /** The file's text as it is on disk. */
  source: string
  place: (text: Text, fragment?: string) => Place
  options: CheckOptions
}

const linkName = /^runbook[_-]?(url|link|uri)?$/i

export function isLinkKey(key: string): boolean {
  return linkName.test(key)
}

function linkEntries(rule: AlertRule): RuleEntry[] {
  // Some keep the link among the labels, where it works as well.
  return [...rule.annotations, ...rule.labels].filter(({ key }) => isLinkKey(key.value))
}

/** Whether an alert is one of those somebody is woken by: undefined when a template engine decides. */
function isPaging(rule: AlertRule, severities: readonly string[]): boolean {
  if (severities.includes('any')) return true
  const severity = entry(rule.labels, 'severity') ?? entry(rule.labels, 'priority')
  return severity !== undefined && !severity.opaque && severities.includes(severity.value.toLowerCase())
}

export function isSelected(rule: AlertRule, labels: CheckOptions['labels']): boolean {
  return labels.every(([name, value]) => entry(rule.labels, name)?.value === value)
}

export function subjectOf(
  rule: AlertRule,
  file: RuleFile,
  places: (start: number, end?: number) => Place,
  options: CheckOptions,
): Subject {
  const links = linkEntries(rule).map(({ key, value }) => makeLink(key.value, value, file.text, options))
  return {
    rule,
    links,
    paging: isPaging(rule, options.severities),
    source: file.text,
    options,
    place: (text, fragment) => placeWithin(text, fragment, file.text, places),
  }
}

function placeWithin(
  text: Text,
  fragment: string | undefined,
  source: string,
  places: (start: number, end?: number) => Place,
): Place {
  const at = fragment && text.exact ? source.slice(text.start, text.end).indexOf(fragment) : -1
  if (fragment === undefined || at === -1) return places(text.start, text.exact ? text.end : undefined)
  return places(text.start + at, text.start + at + fragment.length)
}

function makeLink(key: string, text: Text, source: string, options: CheckOptions): RuleLink {
  const parts = splitLink(text.value.trim())
  const path = pathOf(parts.address, text, source, options.bases)
  const isPlainPath = path !== undefined && !/\{\{|[\uE000-\uE001]/.test(path)
  return {
    key,
    text,
    parts,
    path: isPlainPath ? path : undefined,
    page: isPlainPath ? options.site.find(path) : undefined,
  }
}

/** The path of a link below one of the bases. A base may be the action of a template engine, as written. */
function pathOf(address: string, text: Text, source: string, bases: readonly string[]): string | undefined {
  const bare = (part: string): string => part.replaceAll(/\s/g, '')
  for (const base of bases) {
    if (!base.includes('{{')) {
      const rest = below(address, base)
      if (rest !== undefined) return rest
    } else if (
      text.exact &&
      bare(source.slice(text.start, text.end)).replace(/^["']/, '').startsWith(bare(base))
    ) {
      return address.replace(/^[\uE000\uE001]+/, '').replaceAll(/^\/+|\/+$/g, '')
    }
  }
  return undefined
}

function belowFolder(address: string, base: string): string | undefined {
  const plain = (path: string): string => path.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '')
  const [from, to] = [plain(base), plain(address)]
  if (from === '') return to
  return to.startsWith(`${from}/`) ? to.slice(from.length + 1) : undefined
}

/** Whether a base is a folder: something else, such as a template of Alertmanager, makes addresses of such links. */
export function isFolderBase(base: string): boolean {
  return /^\.?\//.test(base)
}

function below(address: string, base: string): string | undefined {
  if (isFolderBase(base)) return /^[a-z][a-z0-9+.-]*:/i.test(address) ? undefined : belowFolder(address, base)
  const plain = (url: string): string => url.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/+$/, '')
  const [from, to] = [plain(base), plain(address)]
  if (!to.toLowerCase().startsWith(from.toLowerCase())) return undefined
  const rest = to.slice(from.length)
  return rest === '' || rest.startsWith('/') ? rest.replaceAll(/^\/+/g, '') : undefined
}
