import { relative } from 'node:path'
import type { LoaderContext } from 'astro/loaders'
import type { Config } from '../../runner/config.ts'
import { watched } from '../../runner/watched.ts'
import { entryAt, listEntries } from '../../runner/library.ts'
import { runbookTexts } from './runbook-texts.ts'

/**
 * Names to Astro the pictures of each runbook, which it puts on the site. The texts themselves stay out of its store: it writes and reads
 * the store as a whole when one of thousands changes. `site dev` renders a text when its page is asked for.
 */
export async function loadPictures({ content }: Config, context: LoaderContext): Promise<void> {
  const { store, watcher, logger } = context
  const texts = runbookTexts()
  const load = async (slug: string): Promise<void> => {
    const text =
      watcher === undefined || (await texts.mayHavePictures(slug)) ? await texts.textOf(slug) : undefined
    if (text === undefined || text.imagePaths.length === 0) return store.delete(slug)
    store.set({ id: slug, data: {}, filePath: text.filePath, assetImports: text.imagePaths })
  }
  const slugs = listEntries(content).map(({ slug }) => slug)
  for (const slug of new Set(store.keys()).difference(new Set(slugs))) store.delete(slug)
  for await (const slug of watched(slugs, 'runbooks')) await load(slug)

  const follow = (path: string): void => {
    if (relative(content, path).startsWith('..') || !/\.mdx?$/i.test(path)) return
    const { slug } = entryAt(content, path)
    void load(slug).catch((error: unknown) =>
      logger.error(`${slug}: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
  for (const event of ['change', 'add', 'unlink']) watcher?.on(event, follow)
}
