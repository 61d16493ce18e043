import { render } from 'astro:content'
import { runbookTexts } from '../../build/runbook-texts.ts'

/** The text of a runbook for its page: a component and the headings. Neither for a document that has errors. */
export async function runbookContent(slug: string) {
  const text = await runbookTexts().textOf(slug)
  if (text === undefined) return { Content: undefined, headings: [] }
  const { html, headings, imagePaths, filePath } = text
  // Astro puts the addresses of pictures in, as in the text of an entry of its own.
  const rendered = { html, metadata: { headings, imagePaths } }
  return render({ collection: 'runbooks', id: slug, data: {}, filePath, rendered })
}
