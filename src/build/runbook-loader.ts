import { existsSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { LoaderContext } from 'astro/loaders'
import type { Config } from '../../runner/config.ts'
import { watched } from '../../runner/watched.ts'
import { entryAt, listEntries, readEntry } from '../../runner/library.ts'
import type { LibraryEntry } from '../../runner/library.ts'
import { hasErrors } from '../../runner/model/diagnostic.ts'
import { decode } from '../../runner/model/text/decode-document.ts'
import { bodyOf } from '../../runner/model/text/document-parts.ts'
import { codeVersion } from './code-version.ts'
import { siteLinks } from './link-library.ts'
import { textDigest } from './text-digest.ts'

/** Of the processor that `markdown.processor` names in astro.config.mjs. */
type Renderer = Awaited<ReturnType<LoaderContext['config']['markdown']['processor']['createRenderer']>>

/**
 * Renders every runbook, as our own reader sees it: with names and encodings that Astro's loader refuses. A document
 * whose text would be the same is not rendered again. One with errors has no entry; `site dev` shows its findings instead.
 */
export async function loadRunbooks(
  { content, kinds, site, edit }: Config,
  root: string,
  context: LoaderContext,
): Promise<void> {
  const { store, watcher, logger } = context
  const { markdown } = context.config
  // The two types differ in what may be undefined, which this project's strictness tells apart.
  type Shared = Parameters<typeof markdown.processor.createRenderer>[0]
  const renderer = await markdown.processor.createRenderer(markdown as Shared)
  const own = fileURLToPath(context.config.root)
  const guide = join(own, 'guide')
  const code = codeVersion(own)
  const load = async (entry: LibraryEntry): Promise<void> => {
    const { document, diagnostics, bytes } = await readEntry(entry, root, kinds)
    if (hasErrors(diagnostics)) return store.delete(entry.slug)
    const body = bodyOf(decode(bytes, document.file).text, document.format)
    const library = await siteLinks({ root, content, kinds, site, ...(existsSync(guide) ? { guide } : {}) })
    // The code of a workspace's own step kinds is not known.
    const digest = kinds.own
      ? undefined
      : textDigest({ document, path: entry.path, body, library, edit, code })
    if (digest !== undefined && store.get(entry.slug)?.digest === digest) return
    const rendered = await entryOf(entry, body, document.meta.inputs, renderer, context)
    store.set({ ...rendered, ...(digest === undefined ? {} : { digest }) })
  }
  const entries = listEntries(content)
  const slugs = new Set(entries.map(({ slug }) => slug))
  for (const slug of store.keys()) if (!slugs.has(slug)) store.delete(slug)
  for (const entry of watched(entries, 'runbooks')) await load(entry)

  const follow = (change: (entry: LibraryEntry) => Promise<void> | void) => (path: string) => {
    if (relative(content, path).startsWith('..') || !/\.mdx?$/i.test(path)) return
    const entry = entryAt(content, path)
    void Promise.resolve(change(entry)).catch((error: unknown) =>
      logger.error(`${entry.slug}: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
  watcher?.on('change', follow(load))
  watcher?.on('add', follow(load))
  watcher?.on(
    'unlink',
    follow(({ slug }) => store.delete(slug)),
  )
}

async function entryOf(
  { slug, path }: LibraryEntry,
  body: string,
  inputs: unknown,
  renderer: Renderer,
  { config }: LoaderContext,
): Promise<Parameters<LoaderContext['store']['set']>[0]> {
  const { code, metadata } = await renderer.render(body, {
    fileURL: pathToFileURL(path),
    frontmatter: { inputs },
  })
  const imagePaths = [...(metadata.localImagePaths ?? []), ...(metadata.remoteImagePaths ?? [])]
  return {
    id: slug,
    data: {},
    filePath: relative(fileURLToPath(config.root), path).split(sep).join('/'),
    rendered: { html: code, metadata: { headings: metadata.headings ?? [], imagePaths } },
    assetImports: imagePaths,
  }
}
