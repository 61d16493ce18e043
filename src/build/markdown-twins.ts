import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Element, Root, RootContent } from 'hast'
import rehypeParse from 'rehype-parse'
import rehypeRemark from 'rehype-remark'
import remarkGfm from 'remark-gfm'
import remarkStringify from 'remark-stringify'
import { unified } from 'unified'
import { selfLink } from '../remark/link-headings.ts'
import { contentOf, decodeEntities } from './built-pages.ts'

/** A page that has a twin, for the list of them. */
interface Twin {
  /** The page's address below the base, such as `runbooks/a/`. */
  page: string
  file: string
  title: string
  description: string
}

interface Twins {
  /** Writes the twin of a page that names one in its head. */
  add(page: string, html: string): void
  /** Writes `llms.txt`, and returns the files. */
  finish(): string[]
}

/** Elements that hold no words of the page. */
const wordless = new Set(['script', 'style', 'svg', 'template', 'select', 'textarea', 'button', 'input'])

/** Takes away elements without words, those that the page hides, and the link of a heading to itself. A box of a task stays. */
function onlyWords() {
  const isShown = (node: RootContent): boolean =>
    node.type !== 'element' ||
    (node.properties['hidden'] === undefined &&
      (!wordless.has(node.tagName) || node.properties['type'] === 'checkbox'))
  const prune = (parent: Element | Root): void => {
    const shown = (parent.children as RootContent[]).filter(isShown)
    parent.children = shown.flatMap((node): RootContent[] =>
      isSelfLink(node) ? node.children : [node],
    ) as typeof parent.children
    for (const child of parent.children) {
      if (child.type === 'element') prune(child)
    }
  }
  return prune
}

function isSelfLink(node: RootContent): node is Element {
  return node.type === 'element' && [node.properties['className']].flat().includes(selfLink)
}

const converter = unified()
  .use(rehypeParse, { fragment: true })
  .use(onlyWords)
  .use(rehypeRemark, { newlines: false })
  .use(remarkGfm)
  .use(remarkStringify, { bullet: '-', fences: true, rule: '-' })
  .freeze()

/** The content of a page as Markdown. */
export function pageAsMarkdown(main: string): string {
  // A colon that is escaped in an address is the same address, and harder to read.
  return String(converter.processSync(main)).replaceAll(/\b(https?)\\:/g, '$1:')
}

/**
 * Writes each page as Markdown beside it, made from the page's own markup: the two cannot say different things. `origin` is the
 * address of the site with a final slash, or its base where it has no address. `toMarkdown` gets the content of a page, `release` the file of a twin that will be written.
 */
export function markdownTwins(
  out: string,
  base: string,
  origin: string,
  toMarkdown: (main: string) => string = pageAsMarkdown,
  release: (file: string) => void = () => undefined,
): Twins {
  const twins: Twin[] = []
  const files: string[] = []
  const write = (file: string, text: string): void => {
    const path = join(out, file)
    files.push(file)
    // Most are as in the build before, and writing takes longer than reading.
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return
    release(file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return {
    add(page, html) {
      const address = /<link rel="alternate" type="text\/markdown" href="([^"]+)"/.exec(html)?.[1]
      const main = contentOf(html)
      if (address === undefined || main === undefined) return
      const file = decodeURI(address).slice(base.length)
      write(file, toMarkdown(main))
      const [, title = page] = /<meta property="og:title" content="([^"]*)"/.exec(html) ?? []
      const [, description = ''] = /<meta name="description" content="([^"]*)"/.exec(html) ?? []
      twins.push({ page, file, title: decodeEntities(title), description: decodeEntities(description) })
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
function llmsText(twins: readonly Twin[], origin: string): string {
  const parts = sections.flatMap(([title, pattern]) => {
    const own = twins.filter(({ page }) => pattern.test(page))
    const lines = own.map(
      (twin) =>
        `- [${oneLine(twin.title)}](${origin}${twin.file})${twin.description && `: ${oneLine(twin.description)}`}`,
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
