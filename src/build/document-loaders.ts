import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { glob } from 'astro/loaders'
import type { LoaderContext } from 'astro/loaders'
import type { Config } from '../../runner/config.ts'
import { listEntries, slugOf } from '../../runner/library.ts'
import { docsOf } from '../../runner/links/link-targets.ts'
import { runningVersion } from './code-version.ts'
import { digestOf } from './digest.ts'
import { guideOf } from './guide.ts'
import { siteLinks } from './link-library.ts'
import { loadPictures } from './picture-loader.ts'
import type { DocumentLoaders, Load } from './shared-loaders.ts'

/** Markdown files whose names Astro takes for an address with a query or a fragment. */
async function loadOddNames(
  folder: string,
  { store, renderMarkdown, config: { root } }: LoaderContext,
): Promise<void> {
  for (const { slug, path } of listEntries(folder)) {
    const inside = relative(folder, path)
    if (!/[#?]/.test(inside) || !path.endsWith('.md')) continue
    const text = readFileSync(path, 'utf8')
    const rendered = await renderMarkdown(text, { fileURL: pathToFileURL(path) })
    const data = rendered.metadata?.frontmatter ?? {}
    store.set({ id: slug, data, filePath: relative(fileURLToPath(root), path), rendered })
  }
}

/** Adds the guide that comes with the package of the pages, without the pages that somebody wrote here. */
async function loadGuide(config: Config, context: LoaderContext): Promise<void> {
  const { store, config: project } = context
  const { guide } = guideOf(config, fileURLToPath(project.root))
  if (guide === undefined) return
  const base = pathToFileURL(`${guide}/`)
  const generateId = ({ entry }: { entry: string }): string => slugOf(entry)
  const files = glob({ base, pattern: '**/*.{md,mdx}', generateId, retainBody: false })
  await files.load({
    ...context,
    store: {
      ...store,
      // A loader removes the entries that it does not find again.
      keys: () => [],
      set: (entry) => !store.has(entry.id) && store.set(entry),
    },
  })
}

/**
 * The pages of the guide as the build before rendered them. None where they could show something else: another version, other addresses
 * to link to.
 */
async function standingGuide(
  config: Config,
  root: string,
  { store, meta, config: project }: LoaderContext,
): Promise<Parameters<LoaderContext['store']['set']>[0][]> {
  const own = fileURLToPath(project.root)
  const { guide } = guideOf(config, own)
  if (guide === undefined || config.kinds.own) return []
  const { pages } = await siteLinks({ ...config, root, guide })
  const { site, edit } = config
  const addresses = [...pages.keys()].toSorted()
  const shown = digestOf({ code: runningVersion(own), base: project.base, site, edit, addresses })
  const isSame = meta.get('guide') === shown
  meta.set('guide', shown)
  return isSame
    ? store.values().filter(({ filePath = '' }) => join(own, filePath).startsWith(join(guide, '/')))
    : []
}

/** Loads the documents of a folder. */
function documents(folder: string, pattern = '**/[^_.]*.{md,mdx}'): Load {
  const files = glob({
    base: pathToFileURL(`${folder}/`),
    pattern: [pattern, '!**/*[#?]*', '!**/*[#?]*/**'],
    generateId: ({ entry }) => slugOf(entry),
    retainBody: false,
  })
  return async (context) => {
    // Astro keeps rendered Markdown by the text's digest alone, and would show what an older plugin made of it.
    context.store.clear()
    if (!existsSync(pattern.includes('*') ? folder : join(folder, pattern))) return
    await files.load(context)
    if (pattern.includes('*')) await loadOddNames(folder, context)
  }
}

/** The documents of the site, by collection. @param root the folder that names of files are relative to */
export function documentLoaders(config: Config, root: string): DocumentLoaders {
  const ownDocs = documents(docsOf(config.content) ?? '')
  return {
    runbooks: (context) => loadPictures(config, context),
    docs: async (context) => {
      const standing = await standingGuide(config, root, context)
      await ownDocs(context)
      for (const entry of standing) if (!context.store.has(entry.id)) context.store.set(entry)
      await loadGuide(config, context)
    },
    changelog: documents(process.cwd(), 'CHANGELOG.md'),
  }
}
