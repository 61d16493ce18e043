import type { List } from 'mdast'
import { toString } from 'mdast-util-to-string'
import { decode } from '../model/text/decode-document.ts'
import { readLooseFrontmatter, splitFrontmatter } from '../model/text/frontmatter.ts'
import { parseMdx } from '../model/text/parse.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import { applyEdits } from './edit.ts'
import { DraftNames } from './formats/draft-names.ts'
import { writeStep } from './formats/draft.ts'
import type { Imported } from './formats/draft.ts'
import { importMarkdown } from './import-page/import-page.ts'
import { titleOf } from './new-runbook.ts'

/** A skill as a runbook, and the name that the skill has. */
export interface SkillRunbook extends Imported {
  name: string
}

const ofRunbook = /^Run it with the tools of `runbook mcp`: `plan` with `runbook: ([^`]+)`/m

/**
 * Turns a skill for agents, a SKILL.md, into a runbook: its shell fences are steps. Where there is none, each numbered list is a
 * checklist. Fails when the skill has neither, or was written from a runbook.
 */
export function runbookFromSkill(bytes: Uint8Array, file: string): Outcome<SkillRunbook> {
  const { text } = decode(bytes, file)
  const slug = ofRunbook.exec(text)?.[1]
  if (slug !== undefined)
    return failure(`\`${file}\` was written from the runbook \`${slug}\``, {
      hint: `Change \`${slug}\`, then run \`runbook skills\`.`,
    })
  const { yaml } = splitFrontmatter(text.replaceAll('\r\n', '\n'))
  const own = yaml === undefined ? undefined : /^name:\s*["']?([\w-]+)/m.exec(yaml)?.[1]
  if (own === undefined)
    return failure(`\`${file}\` is not a skill: it has no \`name\` in its frontmatter`, {
      hint: 'Give the path of a SKILL.md.',
    })
  const imported = importMarkdown(bytes, file, titleOf(own), { ownFields: ['name'] })
  const { meta } = readLooseFrontmatter(yaml, file, titleOf(own))
  const result = imported.steps > 0 ? imported : withChecklists(imported, file, meta.title)
  if (result.steps === 0)
    return failure(`\`${file}\` has neither a shell fence nor a numbered list, so it has no steps`, {
      hint: 'Write its steps as a numbered list, or begin with `runbook new blank`.',
    })
  return success({ ...result, name: own.toLowerCase() })
}

/** The numbered lists of a document as checklists. */
function withChecklists(imported: Imported, file: string, title: string): Imported {
  const { text } = imported
  const parsed = parseMdx(splitFrontmatter(text).body, file)
  if ('problem' in parsed) return imported
  const names = new DraftNames()
  let heading = title
  const edits = parsed.tree.children.flatMap((node) => {
    if (node.type === 'heading') heading = toString(node)
    if (node.type !== 'list' || node.ordered !== true) return []
    const step = writeStep({
      element: 'Checklist',
      id: names.id(heading),
      title: heading,
      tasks: tasksOf(node),
    })
    const [from, to] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
    const isPlain = node.children.every(
      ({ children }) => children.length === 1 && children[0]?.type === 'paragraph',
    )
    return [isPlain ? { from, to, text: step } : { from: to, to, text: `\n\n${step}` }]
  })
  return { ...imported, text: applyEdits(text, edits), steps: edits.length, byHand: edits.length }
}

function tasksOf({ children }: List): string[] {
  return children
    .map(({ children: [first] }) => toString(first).replaceAll(/\s+/g, ' ').trim())
    .filter((task) => task !== '')
}
