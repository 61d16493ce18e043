import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { loadConfig } from '../../runner/config.ts'
import type { Config } from '../../runner/config.ts'
import { listEntries, readEntry } from '../../runner/library.ts'
import type { Meta } from '../../runner/model/frontmatter.ts'
import type { PlannedStep } from '../../runner/model/plan.ts'
import { plannedFrom } from '../remark/planned.ts'

/** A runbook as the pages need it. A plain Markdown document has no steps and only the meta it was written with. */
export interface Page {
  slug: string
  /** Relative to the project, for the edit link and for messages. */
  file: string
  title: string
  meta: Partial<Meta>
  steps: PlannedStep[]
  sha256: string
}

const root = process.cwd()
let loaded: Promise<Config> | undefined

export function siteConfig(): Promise<Config> {
  return (loaded ??= loadConfig(root, process.env))
}

let pages: Promise<Page[]> | undefined

/** Every MDX runbook, read once a build by the runner's own reader. The build has refused errors before. */
export function runbookPages(): Promise<Page[]> {
  return (pages ??= readPages())
}

async function readPages(): Promise<Page[]> {
  const { content } = await siteConfig()
  const readings = await Promise.all(listEntries(content).map((entry) => readEntry(entry, root)))
  return readings.flatMap(({ runbook }) => {
    if (runbook?.format !== 'mdx') return []
    const { slug, file, meta, sha256 } = runbook
    return [{ slug, file, title: meta.title, meta, steps: runbook.steps.map(plannedFrom), sha256 }]
  })
}

/** Title of a plain Markdown document: frontmatter, else its first heading, else its address. */
export function markdownTitle(data: Record<string, unknown>, path: string, slug: string): string {
  if (typeof data['title'] === 'string') return data['title']
  return /^#\s+(.+?)\s*#*$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? slug
}

export function shownPath(path: string): string {
  return relative(root, path).split(sep).join('/')
}

/** Today's text of a runbook, to compare a run's with. */
export async function currentText(slug: string): Promise<string | undefined> {
  const page = (await runbookPages()).find((candidate) => candidate.slug === slug)
  return page && readFileSync(page.file, 'utf8')
}
