import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineCollection } from 'astro:content'
import { glob } from 'astro/loaders'
import * as z from 'zod'
import { loadConfig } from '../runner/config.ts'
import { slugOf } from '../runner/library.ts'
import { docsFolder } from './data/docs-folder.ts'

const config = await loadConfig(process.cwd(), process.env)

// The model reads and validates frontmatter (the same code as the runner); Astro only compiles the text.
const schema = z.record(z.string(), z.unknown())

function documents(folder: string, pattern = '**/[^_.]*.{md,mdx}') {
  const files = glob({
    base: pathToFileURL(`${folder}/`),
    pattern,
    generateId: ({ entry }) => slugOf(entry),
    retainBody: false,
  })
  const load: typeof files.load = async (context) => {
    // Astro keeps rendered Markdown by the text's digest alone, and would show what an older plugin made of it.
    context.store.clear()
    if (existsSync(pattern.includes('*') ? folder : join(folder, pattern))) await files.load(context)
  }
  return defineCollection({ loader: { name: 'documents', load }, schema })
}

export const collections = {
  runbooks: documents(config.content),
  docs: documents(docsFolder(config.content) ?? ''),
  changelog: documents(process.cwd(), 'CHANGELOG.md'),
}
