import type { Html, Nodes, Parent, Paragraph, Root, Text } from 'mdast'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { placeOf } from './place.ts'
import { walk } from './tree.ts'

// Authors write `<pod-name>` where a reader puts a value. Markdown takes it for an HTML element, and a browser shows
// nothing. Here it becomes text, so that page, search, titles and terminal show what was written.

const elements = new Set(
  'a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script search section select slot small source span strike strong style sub summary sup table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr'.split(
    ' ',
  ),
)
/** Elements that show something without a closing tag. */
const closeless = new Set('br col dd dt hr img li option p td th tr tbody tfoot thead wbr'.split(' '))
/** Attributes that are written without a value. */
const valueless = new Set(
  'allowfullscreen async autofocus autoplay checked compact controls default defer disabled download hidden inert ismap itemscope loop multiple muted nomodule noshade novalidate nowrap open playsinline readonly required reversed selected'.split(
    ' ',
  ),
)
const foreign = /<(?:svg|math)\b/i
const tag = /<!--[\s\S]*?(?:-->|$)|<(\/?)([A-Za-z][\w-]*)((?:\s[^<>]*|\/)?)>/g
/** Schemes of addresses that people write between angle brackets. */
const schemes =
  /^(?:https?|ftps?|mailto|sftp|ssh|git|tel|sms|irc|ircs|file|urn|wss?|ldaps?|news|xmpp|data|javascript|vbscript):|:\/\//i

/** The node before it became text. */
interface ShownData {
  /** The HTML it was read as. */
  shown?: string
}

/** The HTML that a node is, or was read as before it became text; undefined for every other node. */
export function htmlOf(node: Nodes): string | undefined {
  return node.type === 'html' ? node.value : (node.data as ShownData | undefined)?.shown
}

/** Makes text of the tags that no browser shows, in place. Positions stay. */
export function showTags(tree: Root): void {
  const html = [...walk(tree)].filter((node): node is Html => node.type === 'html')
  const whole = html.map(({ value }) => value).join('\n')
  const closed = new Set([...whole.matchAll(/<\/([A-Za-z][\w-]*)/g)].map(([, name]) => name?.toLowerCase()))
  const isHidden = (name: string, rest: string, closing: boolean): boolean => {
    if (!elements.has(name)) return !foreign.test(whole)
    if (isWords(rest)) return true
    return !closing && rest.trim() === '' && !closeless.has(name) && !closed.has(name)
  }
  for (const node of html) showOne(node, isHidden)
  for (const node of walk(tree)) if (node.type === 'link') showAddress(node)
  liftText(tree)
}

/** Whether words replace attributes: `<data center>`, `<link to the dashboard>`. */
function isWords(rest: string): boolean {
  const words = rest.split(/[\s/]+/).filter((word) => word !== '')
  return !rest.includes('=') && words.some((word) => !valueless.has(word.toLowerCase()))
}

function showOne(node: Html, isHidden: (name: string, rest: string, closing: boolean) => boolean): void {
  let tags = 0
  let hidden = 0
  const value = node.value.replaceAll(tag, (whole, slash: string | undefined, name?: string, rest = '') => {
    if (name === undefined) return whole
    tags += 1
    if (!isHidden(name.toLowerCase(), String(rest), slash === '/')) return whole
    hidden += 1
    return `&lt;${whole.slice(1)}`
  })
  if (hidden === 0) return
  const data: ShownData = { shown: node.value }
  // Without any HTML left it is text, which titles and the search read too.
  if (hidden === tags && !value.includes('<')) Object.assign(node, { type: 'text', data })
  else Object.assign(node, { value, data })
}

/** `<host:port>` is an address to Markdown, of a scheme that does not exist. */
function showAddress(node: Extract<Nodes, { type: 'link' }>): void {
  const [only] = node.children
  if (node.children.length !== 1 || only?.type !== 'text' || only.value !== node.url) return
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(node.url) || schemes.test(node.url)) return
  const shown = `<${node.url}>`
  Object.assign(node, {
    type: 'text',
    value: shown,
    data: { shown } satisfies ShownData,
    children: undefined,
  })
  delete (node as Partial<Parent>).children
  delete (node as { url?: string }).url
}

const flow = new Set(['root', 'blockquote', 'listItem', 'footnoteDefinition'])

/** A block that became text is a paragraph. */
function liftText(parent: Parent): void {
  for (const [index, child] of (parent.children as Nodes[]).entries()) {
    if (child.type === 'text' && flow.has(parent.type)) {
      const paragraph: Paragraph = { type: 'paragraph', children: [{ ...child }] }
      if (child.position) paragraph.position = child.position
      parent.children[index] = paragraph
    } else if ('children' in child) liftText(child)
  }
}

/** One finding for each tag of a document that is shown as text. */
export function shownProblems(tree: Root, file: string): Diagnostic[] {
  const seen = new Set<string>()
  return [...walk(tree)].flatMap((node) => {
    const shown = (node.data as ShownData | undefined)?.shown
    const first = shown === undefined ? undefined : /<[A-Za-z][^<>]*>/.exec(shown)?.[0]
    // A step element has a finding of its own.
    if (first === undefined || seen.has(first) || /^<[A-Z]\w+\s[^<>]*\bid=/.test(first)) return []
    seen.add(first)
    return [
      diagnostic(
        'placeholder-text',
        placeOf(node, file),
        `Unexpected \`${first.slice(0, 60)}\` in the text, it is not an HTML element and is shown as written`,
        { hint: 'Write it in backticks, or with a backslash: `\\<`. Other programs leave it out.' },
      ),
    ]
  })
}

/** Whether a text was read as HTML; its words do not count for the name of a heading. */
export function isShown(node: Text): boolean {
  return node.data !== undefined && 'shown' in node.data
}
