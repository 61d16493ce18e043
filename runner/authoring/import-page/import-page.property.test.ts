import * as fc from 'fast-check'
import type { Root } from 'mdast'
import { expect, test } from 'vitest'
import { document } from '../../../test/support/documents.ts'
import { effort } from '../../../test/support/effort.ts'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import type { RunbookReading } from '../../model/read-runbook.ts'
import { parseMarkdown, parseMdx } from '../../model/text/parse.ts'
import { walk } from '../../model/text/tree.ts'
import { importMarkdown } from './import-page.ts'

const read = (text: string, format: 'md' | 'mdx'): RunbookReading =>
  readRunbook({ file: `page.${format}`, slug: 'page', bytes: Buffer.from(text) }, kinds)

/** The words outside code, without spaces. */
function wordsOf(tree: Root): string {
  const words = [...walk(tree)].map((node) =>
    node.type === 'text' || node.type === 'inlineCode' ? node.value : '',
  )
  return words.join('').replaceAll(/\s+/g, '')
}

test('any Markdown becomes valid MDX with the same words and steps', () => {
  fc.assert(
    fc.property(document, (text) => {
      const result = importMarkdown(Buffer.from(text), 'page.md', 'page')
      const parsed = parseMdx(result.text.slice(result.text.indexOf('\n---\n') + 5), 'page.mdx')
      expect('problem' in parsed ? parsed.problem : undefined).toBeUndefined()
      // A task list is a step of the result alone.
      const ids = (reading: RunbookReading): string[] =>
        reading.document.steps.filter(({ kind }) => kind !== 'checklist').map(({ id }) => id)
      expect(ids(read(result.text, 'mdx'))).toEqual(ids(read(text, 'md')))
      // HTML becomes text.
      if ('tree' in parsed && !text.includes('<'))
        expect(wordsOf(parsed.tree)).toBe(wordsOf(parseMarkdown(text)))
    }),
    effort(60, 3000),
  )
})
