import type { MarkdownHeading } from 'astro'
import { sharedValue } from './shared-value.ts'

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

const texts = sharedValue<RunbookTexts>('texts')
export const shareTexts = texts.share
export const runbookTexts = texts.get
