import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const prose =
  '# Queue is full\n\n## Meaning\n\nNothing can be written to <queue-name> any more.\n\n## Mitigation\n\n1. Call the owner.\n2. Stop the producers by hand.\n'

test('show prints the whole document, its words and its steps in their order', async () => {
  using space = workspace({
    'content/runbooks/queue.md': prose,
    'content/runbooks/both.mdx': page(
      `Before it.\n\n${commandStep('one', 'true')}\n## Escalation\n\nCall somebody.\n\n{/* a note */}`,
    ),
  })
  const shown = await space.runbook(['show', 'queue'])
  expect(shown.stdout.split('\n')).toEqual([...prose.replace('# ', '').split('\n'), ''].slice(0, -1))
  const both = (await space.runbook(['show', 'both'])).stdout
  expect(both.match(/Before it|#one|true|Escalation|Call somebody|a note/g)).toEqual([
    'Before it',
    '#one',
    'true',
    'Escalation',
    'Call somebody',
  ])
})

test('show names what a value of a gate will be filled from', async () => {
  const gate =
    '<Gate id="hold" title="It holds" source="${{ inputs.metrics }}" for="${{ inputs.span }}">\n\n```yaml\n- value: up{version="2"}\n  above: ${{ inputs.least }}\n```\n\n</Gate>'
  const inputs = 'inputs:\n  metrics: {}\n  span: { type: duration }\n  least: {}\n'
  using space = workspace({ 'content/runbooks/gate.mdx': page(gate, inputs) })
  const { stdout } = await space.runbook(['show', 'gate'])
  expect(stdout).toContain('up{version="2"} above ${{ inputs.least }}')
  expect(stdout).toContain('holds for: ${{ inputs.span }}, looked at every 15 s')
})

test('addresses and names are judged over the whole library when one runbook is checked', async () => {
  using space = workspace({
    'content/runbooks/a.mdx': page(commandStep('one', 'true'), 'alerts: [{ name: Down }]\n'),
    'content/runbooks/b.mdx': page(
      `[a](/runbooks/former/#one)\n\n${commandStep('two', 'true')}`,
      'alerts: [{ name: Down }]\n',
    ),
    'content/runbooks/sub/c.mdx': page(
      `[a](/runbooks/a/)\n\n${commandStep('three', 'true')}`,
      'aliases: [older]\n',
    ),
    'content/runbooks/d.mdx': page(commandStep('four', 'true'), 'aliases: [former, gone]\n'),
    'content/anchors.json': JSON.stringify({ 'runbooks/older/': [], 'runbooks/d/': ['four', 'five'] }),
  })
  const codes = async (...names: string[]): Promise<string[]> => {
    const { stdout } = await space.runbook(['check', ...names, '--json'])
    const { findings } = JSON.parse(stdout) as { findings: { code: string }[] }
    return findings.map(({ code }) => code)
  }
  expect(await codes('sub/c')).toEqual([])
  expect(await codes('content/runbooks/sub')).toEqual([])
  expect(await codes('d')).toEqual(['lost-address'])
  expect(await codes('a')).toEqual(['duplicate-alert'])
  expect(await codes('b')).toEqual(['duplicate-alert', 'missing-anchor'])
})

test('a template in a task is filled in where a person is asked, and a wrong one is a finding', async () => {
  const list = (name: string): string =>
    page(
      `${commandStep('make', 'echo build=77 >> "$RUNBOOK_OUTPUT"', 'outputs="build"')}\n<Checklist id="ready" title="Ready">\n\n- [ ] The notes of \`\${{ inputs.${name} }}\`, build \`\${{ outputs.build }}\`, are read\n\n</Checklist>`,
      'inputs:\n  version: { default: "1.4.0" }\n',
    )
  using space = workspace({
    'content/runbooks/list.mdx': list('version'),
    'content/runbooks/wrong.mdx': list('versoin'),
  })
  expect((await space.runbook(['check', 'wrong'])).stdout).toContain('Did you mean `inputs.version`?')
  space.write('answers.yaml', 'actor: ada@example.com\nanswers: { ready: done }\n')
  expect((await space.runbook(['exec', 'list', '--yes', '--answers', 'answers.yaml'])).code).toBe(0)
  const log = (await space.runbook(['log', 'last', '--json'])).stdout
  expect(log).toContain('The notes of 1.4.0, build 77, are read')
})

test('an import to another folder keeps the links of its documents', async () => {
  using space = workspace({
    'wiki/a.md':
      '# A\n\n[b](sub/b.md#two) [c](c) [page](prose.md) ![x](x.svg) [script](fix%231.sh) [hugo]({{< ref "sub/b.md" >}}) [d](d.markdown) [folder](sub/_index.md) [html](sub/b.html#two) [root](/sub/b/) [base]({{ site.baseurl }}/sub/b.html) [kept](/status/) [top][1]\n\n[1]: ./sub/b.md\n\n```bash\ntrue\n```\n',
    'wiki/sub/b.md': '# B\n\n## Two\n\n[up](../a.md)\n\n```bash\ntrue\n```\n',
    'wiki/c.md': '# C\n\n```bash\ntrue\n```\n',
    'wiki/d.markdown': '# D\n\n```bash\ntrue\n```\n',
    'wiki/sub/_index.md': '# Folder\n\n```bash\ntrue\n```\n',
    'wiki/prose.md': '# Prose\n',
    'wiki/x.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'wiki/fix#1.sh': 'true\n',
  })
  expect((await space.runbook(['import', 'wiki', '--out', 'content/runbooks/ops'])).code).toBe(0)
  const a = readFileSync(join(space.root, 'content/runbooks/ops/a.mdx'), 'utf8')
  expect(a).toContain(
    '[b](sub/b.mdx#two) [c](c.mdx) [page](../../../wiki/prose.md) ![x](../../../wiki/x.svg) [script](../../../wiki/fix%231.sh) [hugo](sub/b.mdx) [d](d.mdx) [folder](sub/index.mdx) [html](sub/b.mdx#two) [root](sub/b.mdx) [base](sub/b.mdx) [kept](/status/) [top][1]',
  )
  expect(a).toContain('[1]: sub/b.mdx')
  const checked = await space.runbook(['check'])
  expect(checked.stdout).toBe('')
  expect(checked.code).toBe(0)
})

test('titles that several documents share are listed with what tells them apart', async () => {
  const step = '\n```bash\ntrue\n```\n'
  using space = workspace({
    'content/runbooks/db/README.md': `# README\n${step}`,
    'content/runbooks/web/README.md': `# README\n${step}`,
    'content/runbooks/one.md': `# One\n${step}`,
  })
  const { stdout } = await space.runbook(['list'])
  expect(stdout).toContain('README (db)')
  expect(stdout).toContain('README (web)')
  expect(stdout).not.toContain('One (')
})
