import { compilePattern } from '../../model/values/pattern.ts'
import { isRequired, readInput } from '../../model/values/read-input.ts'
import { suggest } from '../../model/suggest.ts'
import { finding, whoMends } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { decode, fillInputs, inputFor, parseQuery } from '../link.ts'
import type { ForeignPage } from '../pages/page-site.ts'
import type { AlertRule } from '../rule.ts'
import { isFolderBase } from './alert.ts'
import type { RuleLink, Subject } from './alert.ts'
import { fixFragment } from './fragment.ts'

type Check = (subject: Subject, link: RuleLink) => Finding[]

const template = /\{\{|[\uE000-\uE001]/
/** The parameters of a link about the alert itself; the page shows them, and no input is needed. */
const context = new Set(['alert', 'alertname', 'severity', 'instance', 'fingerprint', 'startsat', 'status'])
/** Parts of our own site that are not runbooks. */
const otherPages = /^($|(docs|runs|status|search|runbooks|alerts)\/?$|(docs|runs|status)\/)/

/** AL01: whoever is woken needs to know what to do. */
export function missingLink(subject: Subject): Finding[] {
  const { rule, paging, links, place } = subject
  if (!paging || rule.open || links.some(({ text }) => text.opaque || text.value.trim() !== '')) return []
  const [empty] = links
  const near = pageNamed(rule.name.value, subject)
  const other = addressElsewhere(rule)
  const hint = near
    ? `The page ${near.file} is named like it; see \`runbook alerts links\`.`
    : other === undefined
      ? 'Add the annotation `runbook_url`; `runbook alerts scaffold <file>` writes the page.'
      : `If the address in \`${other}\` is the runbook, name that annotation \`runbook_url\`.`
  const what = empty ? 'an empty runbook link' : 'no runbook link'
  return [
    finding(
      'AL01',
      rule.name.value,
      place(empty?.text ?? rule.name),
      `Alert \`${rule.name.value}\` has ${what}`,
      { hint },
    ),
  ]
}

/** Names of annotations whose addresses are of figures, not of words. */
const figures = /dash|grafana|graph|panel|image|logo|icon|query|source|silence/i

/** An annotation of another name whose whole text is an address. */
function addressElsewhere({ annotations }: AlertRule): string | undefined {
  return annotations.find(
    ({ key, value }) => !figures.test(key.value) && /^https?:\/\/\S+$/i.test(value.value.trim()),
  )?.key.value
}

function pageNamed(alert: string, { options }: Subject): ForeignPage | undefined {
  const wanted = alert.toLowerCase()
  return (
    options.site.pages.find(({ alerts }) => alerts.some(({ name }) => name.toLowerCase() === wanted)) ??
    options.site.pages.find(({ address }) => address.split('/').at(-1) === wanted)
  )
}

/** AL02: words where a link should be, and what no browser opens as a page, lead nowhere. A path may be completed. */
export const noAddress: Check = ({ rule, place, options }, { text, path, parts }) => {
  const address = text.value.trim()
  if (text.opaque || template.test(parts.address) || address === '') return []
  if (/^https?:\/\//i.test(address) && URL.canParse(parts.address)) return []
  const isPath = /^(?!n\/a$)[^\s:]*[./][^\s:]*$/i.test(parts.address)
  if (isPath && (path === undefined || options.bases.some(isFolderBase))) return []
  const message = `Unexpected link \`${address.slice(0, 80)}\`, expected an address`
  const hint = 'Write the whole address, beginning with `https://`.'
  return [finding('AL02', rule.name.value, place(text), message, { hint })]
}

/** AL02: the page must be there. */
export const missingPage: Check = ({ rule, place, options }, link) => {
  if (link.path === undefined || link.page || otherPage(link, options.site.pages)) return []
  const near = options.site.near(link.path)
  const page = near === undefined ? undefined : options.site.find(near)
  const hint = page
    ? `The nearest is \`${page.address}\` (${page.file}).`
    : 'Write the page, or point the link to one there is.'
  const message = `Unexpected link to \`${link.path}\`, which is not a page`
  return [finding('AL02', rule.name.value, place(link.text, lastPart(link.path)), message, { hint })]
}

function otherPage({ path = '' }: RuleLink, pages: readonly ForeignPage[]): boolean {
  return pages.some(({ inputs }) => inputs !== undefined) && otherPages.test(path)
}

function lastPart(path: string): string {
  return path.split('/').at(-1) || path
}

/** AL03: and so must the place on it. */
export const missingAnchor: Check = ({ rule, place }, { page, parts, text }) => {
  const wanted = decode(parts.anchor).toLowerCase()
  if (
    !page ||
    template.test(parts.anchor) ||
    page.anchors.has(wanted) ||
    /^:~:text=|^L\d+/i.test(parts.anchor)
  )
    return []
  const plain = wanted.replace(/^user-content-/, '')
  if (page.anchors.has(plain)) return []
  const near = suggest(wanted, page.anchors)
  const hint = near ? `Did you mean \`#${near}\`?` : `The page is ${page.file}.`
  const message = `Unexpected anchor \`#${parts.anchor}\`, which is nowhere in ${page.file}`
  return [finding('AL03', rule.name.value, place(text, `#${parts.anchor}`), message, { hint })]
}

/** AL04, AL05, AL06: the query must be what the runbook's inputs can take. */
export const parameters: Check = (subject, link) => {
  const inputs = link.page?.inputs
  if (!inputs) return []
  const params = parseQuery(link.parts.query)
  const { values } = fillInputs(inputs, params)
  return [
    ...params.flatMap(([name]) => unknownParameter(name, inputs, subject, link)),
    ...missingInputs(inputs, values, subject, link),
    ...impossibleValues(inputs, values, subject, link),
  ]
}

type Inputs = NonNullable<ForeignPage['inputs']>

function unknownParameter(
  name: string,
  inputs: Inputs,
  { rule, place }: Subject,
  { text, page }: RuleLink,
): Finding[] {
  if (template.test(name) || context.has(name.toLowerCase()) || inputFor(inputs, name) !== undefined)
    return []
  const names = Object.keys(inputs)
  const near = suggest(name, names)
  const list = names.length > 0 ? `The inputs are ${names.join(', ')}.` : 'The runbook has no inputs.'
  const message = `Unexpected parameter \`${name}\`, which is not an input of ${page?.file}`
  return [
    finding('AL04', rule.name.value, place(text, `${name}=`), message, {
      hint: near ? `Did you mean \`${near}\`?` : list,
    }),
  ]
}

function missingInputs(
  inputs: Inputs,
  values: Filled,
  { rule, place }: Subject,
  { text, page }: RuleLink,
): Finding[] {
  const missing = Object.entries(inputs)
    .filter(([name, spec]) => spec.type !== 'secret' && isRequired(spec) && !(name in values))
    .map(([name]) => name)
  if (missing.length === 0) return []
  const message = `The link gives no ${missing.map((name) => `\`${name}\``).join(', ')}, which ${page?.file} requires`
  const hint = 'Add it to the query, or give the input a default.'
  return [finding('AL05', rule.name.value, place(text), message, { hint })]
}

type Filled = Record<string, string>

function impossibleValues(
  inputs: Inputs,
  values: Filled,
  { rule, place }: Subject,
  { text }: RuleLink,
): Finding[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const spec = inputs[name]
    if (!spec || template.test(value)) return []
    const read = readInput(spec, value, compilePattern)
    if (read.ok) return []
    return [
      finding('AL06', rule.name.value, place(text, value), `Input \`${name}\`: ${read.problem.message}`, {
        hint: 'Correct the value in the link.',
      }),
    ]
  })
}

/** AL09: no browser sends, and no page reads, a query behind the fragment. */
export const lateQuery: Check = ({ rule, place, source }, { parts, text, path, key }) => {
  if (!parts.repaired || (path === undefined && !/^[\w.:-]+$/.test(parts.anchor))) return []
  const message = `The query of \`${key}\` comes after \`#${parts.anchor}\`, where it is not read`
  const edits = fixFragment(text, source)
  const hint = `Write \`?…\` before \`#…\`${whoMends(edits)}`
  return [finding('AL09', rule.name.value, place(text, `#${parts.anchor}?`), message, { hint, edits })]
}
