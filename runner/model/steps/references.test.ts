import { expect, test } from 'vitest'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../read-runbook.ts'

function findings(prose: string, title = 'Test'): string[] {
  const text = `---\ntitle: ${JSON.stringify(title)}\ninputs:\n  version: { type: semver }\n---\n\n${prose}\n\n<Command id="a" title="A" outputs="sha">\n\nIt tags \`\${{ inputs.version }}\`.\n\n\`\`\`bash\ntrue\n\`\`\`\n\n</Command>\n`
  const { diagnostics } = readRunbook({ file: 'a.mdx', slug: 'a', bytes: Buffer.from(text) }, kinds)
  return diagnostics.map(({ code, message, place }) => `${place.line} ${code} ${message}`)
}

test.each([
  ['To `${{ inputs.version }}`, by `${{ run.actor }}`, at `${{ outputs.sha }}`.', []],
  ['To `${{ inputs.vresion }}`.', ['7 unknown-reference Unexpected reference `inputs.vresion`']],
  ['- To **`${{ outputs.sah }}`**.', ['7 unknown-reference Unexpected reference `outputs.sah`']],
  ['## To `${{ run.di }}`', ['7 unknown-reference Unexpected reference `run.di`']],
  ['In a workflow it is `${{ secrets.TOKEN }}`.', []],
  ['```yaml example\na: ${{ inputs.other }}\n```', []],
])('templates in prose name what exists: %j', (prose, expected) => {
  const all = findings(prose)
  expect(all).toHaveLength(expected.length)
  for (const [at, start] of expected.entries()) expect(all[at]).toContain(start)
})

test('the title of a runbook contains no template', () => {
  expect(findings('', 'Release ${{ inputs.version }}')).toEqual([
    expect.stringContaining('2 unknown-reference Unexpected template in `title`'),
  ])
})
