import { existsSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { filesBelow } from '../../files-below.ts'
import { decode } from '../read/decode-rules.ts'
import { anchorsIn } from './page-anchors.ts'
import { makeSite, plainAddress } from './page-site.ts'
import type { ForeignPage, Site } from './page-site.ts'
import { bytesOf } from '../../regular-file.ts'

const page = /\.(mdx|markdown|md|html?)$/i
/** Where the sources of a site keep its pages, for generators in common use. */
const roots = [
  '',
  'content',
  'content/en',
  'docs',
  'public',
  'dist',
  'site',
  '_site',
  'src/pages',
  'src/content/docs',
]

/** Reads a folder of pages that is not ours: Markdown or HTML, addressed by path. */
export function readTree(folder: string, cwd: string): Site {
  const pages: ForeignPage[] = []
  const aliases = new Map<string, ForeignPage>()
  for (const path of pageFiles(folder)) {
    const decoded = decode(bytesOf(path))
    const text = decoded.ok ? decoded.value : ''
    const one: ForeignPage = {
      address: plainAddress(relative(folder, path).split(sep).join('/')),
      file: relative(cwd, path).split(sep).join('/'),
      text,
      anchors: anchorsIn(text),
      alerts: [],
    }
    pages.push(one)
    for (const alias of aliasesIn(text, one.address)) if (!aliases.has(alias)) aliases.set(alias, one)
  }
  return makeSite(pages, aliases, roots)
}

function pageFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return filesBelow(folder, (name) => name === 'node_modules' || name.startsWith('.')).filter((path) =>
    page.test(path),
  )
}

/** Addresses the page gives itself in its frontmatter, as Hugo, Jekyll and Docusaurus read it. */
function aliasesIn(text: string, address: string): string[] {
  const matter = /^(?:---|\+\+\+)\r?\n([\s\S]*?)\r?\n(?:---|\+\+\+)/.exec(text)?.[1] ?? ''
  const whole = [...matter.matchAll(/^(?:url|permalink|redirect_from)\s*[:=]\s*["']?([^\s"'[\]]+)/gm)]
  const slugs = [...matter.matchAll(/^slug\s*[:=]\s*["']?([^\s"'[\]]+)/gm)]
  const list = /^aliases\s*[:=]\s*((?:\[[^\]]*\])|(?:\r?\n\s*-\s*.*)+|.*)/m.exec(matter)?.[1] ?? ''
  const folder = address.includes('/') ? address.slice(0, address.lastIndexOf('/') + 1) : ''
  return [
    ...whole.map((match) => match[1] ?? ''),
    ...slugs.map((match) => (match[1]?.startsWith('/') === true ? match[1] : `${folder}${match[1]}`)),
    ...list.split(/[\s,[\]"']+/).filter((part) => part.length > 1),
  ].map(plainAddress)
}
