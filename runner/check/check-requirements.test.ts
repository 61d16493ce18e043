import { expect, test } from 'vitest'
import { kinds } from '../kinds/all.ts'
import { readRunbook } from '../model/read-runbook.ts'
import { checkRequirements } from './check-requirements.ts'

const list = { 'FR-12': { says: 'A' }, 'NFR-3': { says: 'B' } }

function read(frontmatter: string, step: string) {
  const text = `---\ntitle: A\n${frontmatter}\n---\n\n<Command id="a" title="B" refs="${step}">\n\n\`\`\`bash\ntrue\n\`\`\`\n\n</Command>\n`
  const { document, diagnostics } = readRunbook({ file: 'a.mdx', slug: 'a', bytes: Buffer.from(text) }, kinds)
  return [...diagnostics, ...checkRequirements(document, list)].map(
    ({ code, message, hint, place }) => `${place.line}: ${code}: ${message}: ${hint}`,
  )
}

test('a reference of a document or a step that the list does not have is an error at its place, with the nearest id', () => {
  expect(read('refs: [FR-12]', 'NFR-3, FR-12')).toEqual([])
  expect(read('refs: [FR-12, FR-21]', 'NFR-33')).toEqual([
    '1: unknown-requirement: The requirement `FR-21` is not listed: Did you mean `FR-12`?',
    '6: unknown-requirement: The requirement `NFR-33` is not listed: Did you mean `NFR-3`?',
  ])
})

test.each(['fr-12', 'FR 12x', 'FR', 'https://example.com/FR-12', 'FR-12;rm'])(
  'the reference %s has no form of a requirement',
  (id) => {
    expect(read(`refs: [${JSON.stringify(id)}]`, 'FR-12').join('\n')).toContain(
      'expected the id of a requirement',
    )
    expect(read('', id).join('\n')).toContain('expected the id of a requirement')
  },
)
