import type { MarkdownHeading } from 'astro'

/** The text of a runbook as HTML, with its headings and the paths of its pictures, as Astro names them. */
export interface RunbookText {
  html: string
  headings: MarkdownHeading[]
  imagePaths: string[]
}

/** The texts of all runbooks, by slug. A document that has errors has none: `site dev` shows its findings instead. */
export interface RunbookTexts {
  /** The digest of everything that a text shows. Undefined where a workspace has step kinds of its own, whose code is not known. */
  digestOf(slug: string): Promise<string | undefined>
  /** Renders a text, unless it would be the same as before. `filePath` is relative to Astro's root. */
  textOf(slug: string): Promise<(RunbookText & { filePath: string }) | undefined>
  /** Whether a text may have pictures; false for certain. */
  mayHavePictures(slug: string): Promise<boolean>
}

const slot = Symbol.for('runbook.texts')
// The bundler gives pages modules of their own; what they share with the build is the process.
const shared = globalThis as { [slot]?: RunbookTexts }

export function shareTexts(texts: RunbookTexts): void {
  shared[slot] = texts
}

export function runbookTexts(): RunbookTexts {
  if (shared[slot] === undefined)
    throw new Error('The integration `runbook-site` is not in astro.config.mjs.')
  return shared[slot]
}
