import { extname } from 'node:path'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { decode } from '../../model/text/decode-document.ts'
import { importMarkdown } from '../import-page/import-page.ts'
import type { Readdressed } from '../import-page/page-work.ts'
import type { Imported, ImportNote } from './draft.ts'
import { importWorkflow, isWorkflow } from './github/workflow.ts'
import { markdownEnding } from './importable.ts'
import { importGruntwork, isGruntwork } from './gruntwork/gruntwork.ts'
import { isRundown, plainRundown } from './rundown.ts'
import { importRundownSteps, isRundownSteps } from './rundown-steps.ts'
import { isRunme, plainRunme } from './runme.ts'
import { plainBlocks } from './site/plain-blocks.ts'
import { readTree } from './source-tree.ts'
import { importSsm, isSsmAutomation } from './ssm/ssm-automation.ts'

/** The formats that `runbook import` reads. */
export type ImportFormat =
  | 'GitHub Actions'
  | 'Gruntwork'
  | 'Markdown'
  | 'Runme'
  | 'SSM Automation'
  | 'rundown'

interface Source {
  bytes: Uint8Array
  /** As messages name it. */
  file: string
  /** The title where the document has none. */
  name: string
  /** Gives the address of a link or an image where the result will lie. */
  readdress: (url: string) => Readdressed
  /** The text of a file beside the document. */
  readFile: (path: string) => string | undefined
}

/** Converts a document of a known format. Undefined when its format is not one of them. */
export function importDocument(source: Source): (Outcome<Imported> & { format?: ImportFormat }) | undefined {
  const { bytes, file, name } = source
  const text = decode(bytes, file).text.replaceAll(/\r\n?/g, '\n')
  const ending = extname(file).toLowerCase()
  if (markdownEnding.test(ending)) return fromMarkdown(text, source)
  if (ending === '.mdx')
    return isGruntwork(text)
      ? { ...importGruntwork(text, file, name, source.readFile), format: 'Gruntwork' }
      : undefined
  const tree = readTree(text)
  if (!tree.ok)
    return /^\s*(?:"?mainSteps"?|jobs)\s*:/m.test(text) ? failure(tree.problem.message) : undefined
  if (isSsmAutomation(tree.value))
    return { ...success(importSsm(tree.value, name)), format: 'SSM Automation' }
  return isWorkflow(tree.value)
    ? { ...success(importWorkflow(tree.value, name)), format: 'GitHub Actions' }
    : undefined
}

/** Plain Markdown, with the blocks of a generator of sites. */
function fromSite(
  text: string,
  { bytes, file, name, readdress }: Pick<Source, 'bytes' | 'file' | 'name' | 'readdress'>,
): Imported {
  const blocks = plainBlocks(text)
  if (!blocks) return importMarkdown(bytes, file, name, { readdress })
  const imported = importMarkdown(Buffer.from(blocks.text), file, name, { readdress })
  const placed = (notes: readonly ImportNote[]): ImportNote[] =>
    notes.map((note) => ({ ...note, line: blocks.lineOf[note.line - 1] ?? note.line }))
  return {
    ...imported,
    notes: [...placed(imported.notes), ...blocks.notes].toSorted((a, b) => a.line - b.line),
    unread: placed(imported.unread ?? []),
  }
}

function fromMarkdown(
  text: string,
  { bytes, file, name, readdress }: Source,
): Outcome<Imported> & { format: ImportFormat } {
  if (isRundownSteps(text)) return { ...success(importRundownSteps(text, name)), format: 'rundown' }
  const [format, plain] = isRundown(text)
    ? (['rundown', plainRundown(text)] as const)
    : isRunme(text)
      ? (['Runme', plainRunme(text)] as const)
      : (['Markdown', undefined] as const)
  if (plain === undefined) return { ...success(fromSite(text, { bytes, file, name, readdress })), format }
  const imported = importMarkdown(Buffer.from(plain.text), file, name, {
    readdress,
    fences: plain.fences,
    inputs: plain.inputs,
  })
  const notes = [...imported.notes, ...plain.notes].toSorted((a, b) => a.line - b.line)
  return { ...success({ ...imported, notes }), format }
}
