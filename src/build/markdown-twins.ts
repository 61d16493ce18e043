import { htmlToMarkdown } from '@mdream/js/core'
import type { ElementNode } from '@mdream/js'
import { createPlugin } from '@mdream/js/plugins'
import { selfLink } from '../remark/link-headings.ts'
import { contentOf, decodeEntities } from './built-pages.ts'
import { changedFiles } from './changed-files.ts'

/** A page as Markdown, for a page that names such a file in its head. */
export interface Twin {
  /** The address of the file. */
  address: string
  text: string
  title?: string
  description: string
}

interface Twins {
  /** Writes the twin of a page, whose address below the base is such as `runbooks/a/`. */
  add(page: string, twin: Twin): void
  /** Writes `llms.txt`, and returns the files. */
  finish(): readonly string[]
}

/** Elements that hold no words of the page. */
const wordless = new Set(['script', 'style', 'svg', 'template', 'select', 'textarea', 'button'])

/** A name and what it means are one item of a list. */
const tagOverrides = {
  'fact-name': { enter: '- ', exit: ': ', spacing: [1, 0] as [number, number] },
  'fact-value': { enter: '', exit: '', spacing: [0, 1] as [number, number] },
}

/** Marks that the text of a page lacks: the box of a task, and the space beside the number of a step. */
const marks = createPlugin({
  onNodeEnter({ name, attributes }) {
    if (name === 'input' && attributes['type'] === 'checkbox')
      return attributes['checked'] === undefined ? '[ ] ' : '[x] '
    return attributes['class'] === 'kind' ? ' ' : undefined
  },
})

/** Leaves out elements without words and those that the page hides, with all that is in them. */
function onlyWords() {
  const left = new WeakSet<object>()
  return createPlugin({
    beforeNodeProcess({ node }) {
      const { name, attributes, parent } = node as Partial<ElementNode>
      const isLeft =
        (parent && left.has(parent)) ||
        (name !== undefined && (wordless.has(name) || attributes?.['hidden'] !== undefined))
      if (!isLeft) return undefined
      left.add(node)
      return { skip: true }
    },
  })
}

/** The link of a heading to itself, and what leads to the pages beside this one: they say nothing in the text. */
const ofBrowser = new RegExp(
  `<a class="${selfLink}"[^>]*>([\\s\\S]*?)</a>(?=</h)|<nav class="beside"[\\s\\S]*?</nav>`,
  'g',
)

const options = { plugins: { tagOverrides }, hooks: [onlyWords(), marks] }

/**
 * The content of a page as Markdown.
 * @internal
 */
export function pageAsMarkdown(main: string): string {
  // The converter leaves these as HTML, with all that is in them.
  const plain = main
    .replaceAll(ofBrowser, (_, words: string | undefined) => words ?? '')
    .replaceAll(/<(\/?)(?:details|summary|dl|noscript)(?=[\s>])/g, '<$1div')
    .replaceAll(/<dt(?=[\s>])/g, '<fact-name')
    .replaceAll(/<\/dt>\s*/g, '</fact-name>')
    .replaceAll(/<(\/?)dd(?=[\s>])/g, '<$1fact-value')
  return `${htmlToMarkdown(plain, options).trim()}\n`
}

/** The twin of a page, made from the page's own markup: the two cannot say different things. Undefined where it names none. */
export function twinOf(html: string): Twin | undefined {
  const address = /<link rel="alternate" type="text\/markdown" href="([^"]+)"/.exec(html)?.[1]
  const main = address === undefined ? undefined : contentOf(html)
  if (address === undefined || main === undefined) return undefined
  const title = /<meta property="og:title" content="([^"]*)"/.exec(html)?.[1]
  const description = /<meta name="description" content="([^"]*)"/.exec(html)?.[1] ?? ''
  return {
    address,
    text: pageAsMarkdown(main),
    ...(title === undefined ? {} : { title: decodeEntities(title) }),
    description: decodeEntities(description),
  }
}

interface Listed extends Twin {
  page: string
  file: string
}

/**
 * Writes the twins of pages beside them. `origin` is the address of the site with a final slash, or its base where it has no address.
 * `release` gets the file of a twin that will be written.
 */
export function markdownTwins(
  out: string,
  base: string,
  origin: string,
  release?: (file: string) => void,
): Twins {
  const twins: Listed[] = []
  const { files, write } = changedFiles(out, release)
  return {
    add(page, twin) {
      const file = decodeURI(twin.address).slice(base.length)
      write(file, twin.text)
      twins.push({ ...twin, page, file })
    },
    finish() {
      write('llms.txt', llmsText(twins, origin))
      return files
    },
  }
}

const sections: readonly (readonly [title: string, page: RegExp])[] = [
  ['Runbooks', /^runbooks\//],
  ['Alerts', /^alerts\//],
  ['Documentation', /^docs\/(?!errors\/)/],
  ['Optional', /^(?!runbooks\/|alerts\/|docs\/(?!errors\/)|runs\/.)/],
]

/** The pages in the form of llms.txt. Pages of single runs are linked from the page of all runs. */
function llmsText(twins: readonly Listed[], origin: string): string {
  const parts = sections.flatMap(([title, pattern]) => {
    const own = twins.filter(({ page }) => pattern.test(page))
    const lines = own.map(
      (twin) =>
        `- [${oneLine(twin.title ?? twin.page)}](${origin}${twin.file})${twin.description && `: ${oneLine(twin.description)}`}`,
    )
    return lines.length === 0 ? [] : [`## ${title}\n\n${lines.join('\n')}`]
  })
  const intro = [
    '# Runbook',
    '> Procedures with an executor that keeps their gates. Each page is here as Markdown, with the same text.',
    'Do not type the commands of a runbook: an agent runs one with the tools of `runbook mcp`, where a person approves.',
  ]
  return `${[...intro, ...parts].join('\n\n')}\n`
}

function oneLine(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[[\]]/g, String.raw`\$&`)
    .trim()
}
