import { readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { AstroConfig } from 'astro'
import type { Config } from '../../runner/config.ts'
import type { EntryReading } from '../../runner/library.ts'
import { hasErrors } from '../../runner/model/diagnostic.ts'
import { decode } from '../../runner/model/text/decode-document.ts'
import { bodyOf } from '../../runner/model/text/document-parts.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { remember } from '../data/remember.ts'
import { runningVersion } from './code-version.ts'
import { readings } from './document-readings.ts'
import { guideOf } from './guide.ts'
import { siteLinks } from './link-library.ts'
import type { RunbookText, RunbookTexts } from './runbook-texts.ts'
import { textDigest } from './text-digest.ts'
import { writeWhole } from '../../runner/write-whole.ts'
import { makeFolder } from '../../runner/make-folder.ts'

/**
 * Renders runbooks as our own reader sees them: with names and encodings that Astro's loader refuses. A text of one digest is rendered
 * once, also over builds, which keep those they asked for in `file`.
 */
export async function renderTexts(
  config: Config,
  root: string,
  { markdown, root: project }: Pick<AstroConfig, 'markdown' | 'root'>,
  file: string,
): Promise<RunbookTexts & { keep(): void }> {
  const { content, kinds, site, edit } = config
  // The two types differ in what may be undefined, which this project's strictness tells apart.
  type Shared = Parameters<typeof markdown.processor.createRenderer>[0]
  const renderer = await markdown.processor.createRenderer(markdown as Shared)
  const own = fileURLToPath(project)
  const brought = guideOf(config, own)
  const code = runningVersion(own)
  const before = readTexts(file)
  const texts = new Map<string, RunbookText>()

  const sources = remember(async () => {
    const read = await readings({ content, kinds }, root)
    const sound = read.filter(({ diagnostics }) => !hasErrors(diagnostics))
    return new Map(sound.map((reading) => [reading.document.slug, reading]))
  })
  const digests = remember(() => Promise.resolve(new Map<string, string | undefined>()))
  const bodyOfReading = ({ document, bytes }: EntryReading): string =>
    bodyOf(decode(bytes, document.file).text, document.format)

  const digestOf = async (slug: string): Promise<string | undefined> => {
    const reading = (await sources()).get(slug)
    if (reading === undefined || kinds.own) return undefined
    const bySlug = await digests()
    const { document } = reading
    const library = await siteLinks({ root, content, kinds, site, ...brought })
    const digest =
      bySlug.get(slug) ??
      textDigest({
        document,
        path: join(root, document.file),
        body: bodyOfReading(reading),
        library,
        edit,
        code,
      })
    bySlug.set(slug, digest)
    return digest
  }

  const render = async (reading: EntryReading): Promise<RunbookText> => {
    const { document } = reading
    const { code: html, metadata } = await renderer.render(bodyOfReading(reading), {
      fileURL: pathToFileURL(join(root, document.file)),
      frontmatter: { inputs: document.meta.inputs, body: takeBody(reading) },
    })
    const imagePaths = [...(metadata.localImagePaths ?? []), ...(metadata.remoteImagePaths ?? [])]
    return { html, headings: metadata.headings ?? [], imagePaths }
  }

  return {
    digestOf,
    async textOf(slug) {
      const reading = (await sources()).get(slug)
      if (reading === undefined) return undefined
      const digest = await digestOf(slug)
      const text =
        digest === undefined
          ? await render(reading)
          : (texts.get(digest) ?? before[digest] ?? (await render(reading)))
      if (digest !== undefined) texts.set(digest, text)
      const filePath = relative(own, join(root, reading.document.file)).split(sep).join('/')
      return { ...text, filePath }
    },
    async mayHavePictures(slug) {
      const reading = (await sources()).get(slug)
      return reading !== undefined && bodyOfReading(reading).includes('![')
    },
    keep() {
      makeFolder(dirname(file), 0o777)
      writeWhole(file, JSON.stringify(Object.fromEntries(texts)), { mode: 0o644, flush: false })
    },
  }
}

/** The plugins change the tree, so it serves once; a second rendering parses the text. */
function takeBody(reading: EntryReading): EntryReading['body'] {
  const { body } = reading
  delete reading.body
  return body
}

function readTexts(file: string): Record<string, RunbookText | undefined> {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(kept) ? (kept as Record<string, RunbookText>) : {}
  } catch {
    return {}
  }
}
