import { describe, expect, test } from 'vitest'
import { page, workspace } from '../../support/workspace.ts'

describe('templates of a document', () => {
  const frontmatter = 'inputs:\n  version: {}\n  who: { required: false }\n  limit: { default: "5" }\n'
  const tasks =
    '<Checklist id="tell" title="Tell">\n\n- [ ] Tell `${{ inputs.who }}` of `${{ inputs.version }}`\n\n</Checklist>\n\n'
  const gate =
    '<Gate id="g" title="G" source="http://127.0.0.1:1" for="2s" interval="1s">\n\n```yaml\n- query: errors\n  below: ${{ inputs.limit }}\n```\n\n</Gate>\n'

  test('a plan names the tasks and the limits that it is made of', async () => {
    using space = workspace({ 'content/runbooks/r.mdx': page(tasks + gate, frontmatter) })
    const planned = await space.runbook(['plan', 'r', '-i', 'version=1.2', '-i', 'who=Ada'])
    expect(planned.stdout).toContain('- Tell Ada of 1.2')
    expect(planned.stdout).toContain('- errors below 5')
  })

  test('show leaves the template of an input that has no value', async () => {
    using space = workspace({ 'content/runbooks/r.mdx': page(tasks + gate, frontmatter) })
    const shown = await space.runbook(['show', 'r'])
    expect(shown.stdout).toContain('- Tell ${{ inputs.who }} of ${{ inputs.version }}')
    expect(shown.stdout).toContain('- errors below 5')
  })

  test('the finding on one in the text of an MDX document proposes backticks', async () => {
    using space = workspace({
      'content/runbooks/r.mdx': page(`${gate}\nTell \${{ inputs.who }} first.\n`, frontmatter),
    })
    const checked = await space.runbook(['check', 'r'])
    expect(checked.code).toBe(3)
    expect(checked.stdout).toContain('Put `${{ inputs.who }}` in backticks')
  })
})
