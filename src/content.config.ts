import { defineCollection } from 'astro/content/config'
import * as z from 'zod'
import { sharedLoaders } from './build/shared-loaders.ts'

// The model reads and validates frontmatter (the same code as the runner); Astro only compiles the text.
const schema = z.record(z.string(), z.unknown())

const { runbooks, docs, changelog } = sharedLoaders.get()

function collection(load: typeof docs) {
  return defineCollection({ loader: { name: 'documents', load }, schema })
}

export const collections = {
  runbooks: collection(runbooks),
  docs: collection(docs),
  changelog: collection(changelog),
}
