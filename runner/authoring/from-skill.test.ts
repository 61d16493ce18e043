import { expect, test } from 'vitest'
import { kinds } from '../kinds/all.ts'
import { readRunbook } from '../model/read-runbook.ts'
import { runbookFromSkill } from './from-skill.ts'
import type { SkillRunbook } from './from-skill.ts'

const head =
  '---\nname: rotate-keys\ndescription: Rotates the keys. Use when a key is old.\nallowed-tools: Bash\n---\n\n'

function made(body: string): SkillRunbook {
  const result = runbookFromSkill(Buffer.from(head + body), 'SKILL.md')
  if (!result.ok) throw new Error(result.problem.message)
  return result.value
}

function stepsOf({ text }: SkillRunbook): unknown[] {
  const { document, diagnostics } = readRunbook({ file: 'a.mdx', slug: 'a', bytes: Buffer.from(text) }, kinds)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(document.meta.description).toBe('Rotates the keys. Use when a key is old.')
  return document.steps.map(({ kind, title, tasks }) => [kind, title, tasks.map(({ text: task }) => task)])
}

test('the shell fences of a skill are steps, and its other fields are findings', () => {
  const skill = made('# Rotate keys\n\nMake one:\n\n```bash\nopenssl genrsa 4096\n```\n')
  expect(stepsOf(skill)).toEqual([['command', 'Rotate keys', []]])
  expect(skill).toMatchObject({ name: 'rotate-keys', steps: 1, byHand: 0 })
  expect(skill.notes.map(({ message }) => message)).toEqual([
    'the frontmatter field `allowed-tools` has no meaning in a runbook and was left out',
  ])
})

test('the numbered lists of a skill without a script are checklists', () => {
  const skill = made(
    '# Rotate keys\n\n## Before\n\n1. Tell the team\n2. Look at `keys.json` {now}\n\n## After\n\n1. Look\n\n   - at all of it\n',
  )
  expect(stepsOf(skill)).toEqual([
    ['checklist', 'Before', ['Tell the team', 'Look at keys.json {now}']],
    ['checklist', 'After', ['Look']],
  ])
  expect(skill.text).toContain('- at all of it')
})

test('a skill that was written from a runbook, or that has no steps, is refused', () => {
  const problem = (text: string): string => {
    const result = runbookFromSkill(Buffer.from(text), 'SKILL.md')
    return result.ok ? '' : result.problem.message
  }
  expect(
    problem(`${head}Run it with the tools of \`runbook mcp\`: \`plan\` with \`runbook: db/keys\`, then`),
  ).toContain('from the runbook `db/keys`')
  expect(problem(`${head}Words.\n`)).toContain('neither a shell fence nor a numbered list')
  expect(problem('# Words\n')).toContain('no `name` in its frontmatter')
})
