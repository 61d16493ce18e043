import { relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { LoaderContext } from 'astro/loaders'
import type { Config } from '../../runner/config.ts'
import { entryAt, listEntries, readEntry } from '../../runner/library.ts'
import type { LibraryEntry } from '../../runner/library.ts'
import { hasErrors } from '../../runner/model/diagnostic.ts'
import { decode } from '../../runner/model/text/decode-document.ts'
import { bodyOf } from '../../runner/model/text/document-parts.ts'

/** Of the processor that `markdown.processor` names in astro.config.mjs. */
type Renderer = Awaited<ReturnType<LoaderContext['config']['markdown']['processor']['createRenderer']>>

/**
 * Renders every runbook, as our own reader sees it: in the order of the library, with names and encodings that Astro's
 * loader refuses. A document with errors has no entry; `site dev` shows its findings instead.
 */
export async function loadRunbooks(
  { content, kinds }: Config,
  root: string,
  context: LoaderContext,
): Promise<void> {
  const { store, watcher, logger } = context
  const { markdown } = context.config
  // The two types differ in what may be undefined, which this project's strictness tells apart.
  type Shared = Parameters<typeof markdown.processor.createRenderer>[0]
  const renderer = await markdown.processor.createRenderer(markdown as Shared)
  const load = async (entry: LibraryEntry): Promise<void> => {
    const { document, diagnostics, bytes } = await readEntry(entry, root, kinds)
    if (hasErrors(diagnostics)) return store.delete(entry.slug)
    const body = bodyOf(decode(bytes, document.file).text, document.format)
    store.set(await entryOf(entry, body, document.meta.inputs, renderer, context))
  }
  store.clear()
  for (const entry of listEntries(content)) await load(entry)

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
