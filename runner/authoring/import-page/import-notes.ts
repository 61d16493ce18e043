import type { Root } from 'mdast'
import type { Code } from '../../model/diagnostic-rules.ts'
import type { Meta } from '../../model/meta.ts'
import type { Step } from '../../model/runbook.ts'
import { unsetVariables } from '../../model/steps/variables.ts'
import type { MarkdownExtraction } from '../../model/text/markdown.ts'
import { descendants } from '../../model/text/tree.ts'
import { noteOf } from '../formats/draft.ts'
import type { ImportNote } from '../formats/draft.ts'
import type { FenceAnnotation } from '../formats/fence-annotations.ts'

/** The findings about code that looks like a command, and is not a step. */
const notSteps: ReadonlySet<string> = new Set<Code>([
  'fence-in-html',
  'missing-prompt',
  'unmarked-code',
  'unrunnable-fence',
])

/** The first line of code as other formats mark it, which Markdown shows as words. */
const foreignCode: readonly [sign: RegExp, format: string][] = [
  [/^\{(?:code|noformat)(?::[^}\n]*)?\}/m, 'Confluence'],
  [/^[ \t]*#\+begin_src\b.*/im, 'Org'],
  [/^\.\. (?:code|code-block|prompt|sourcecode)::.*/m, 'reStructuredText'],
  [/^\[source,[^\]\n]*\]/m, 'AsciiDoc'],
]

/** Code of another format in a document of Markdown. */
export function foreignCodeNotes(tree: Root): ImportNote[] {
  return foreignCode.flatMap(([sign, format]) =>
    noteOf(
      descendants(tree, 'text').flatMap((node) => {
        const text = sign.exec(node.value)?.[0]
        return text === undefined ? [] : [{ text: text.trim(), line: node.position?.start.line ?? 1 }]
      }),
      (list, many) =>
        `${list} ${many ? 'begin' : 'begins'} code in ${format}, which Markdown shows as words: write ${many ? 'fences' : 'a fence'} of \`bash\``,
    ),
  )
}

/** Code that may be meant to run and is not a step. In a document without a step, every block without a language may be. */
export function unreadCode(
  tree: Root,
  { diagnostics, steps }: MarkdownExtraction,
  fences: ReadonlyMap<number, FenceAnnotation>,
): ImportNote[] {
  const likely = diagnostics
    .filter(({ code, place }) => notSteps.has(code) && !fences.has(place.line))
    .map(({ place, message, hint }) => ({ line: place.line, message: `${message}. ${hint ?? ''}`.trim() }))
  if (likely.length > 0 || steps.length > 0) return likely
  const [first, ...more] = descendants(tree, 'code').filter((node) => !node.lang)
  if (!first) return []
  const line = first.position?.start.line ?? 1
  const message =
    more.length === 0
      ? 'the code block has no language: make it a `bash` fence if it is a command'
      : `${more.length + 1} code blocks have no language: make each that is a command a \`bash\` fence`
  return [{ line, message }]
}

/** Variables that scripts read and nothing sets. */
export function unsetNotes(steps: readonly Step[], meta: Meta): ImportNote[] {
  const unset = unsetVariables(steps, meta)
  const [first] = unset
  if (!first) return []
  const names = unset.map(({ name }) => `\`${name}\``).join(', ')
  const them = unset.length === 1 ? 'it' : 'them'
  const message = `scripts read ${names}, and nothing sets ${them}: declare ${them} in \`inputs\` or in \`requires.env\``
  return [{ line: first.line, message }]
}

/** Fields of the frontmatter that other tools read. */
export function droppedNotes(fields: readonly string[]): ImportNote[] {
  if (fields.length === 0) return []
  const names = fields.map((field) => `\`${field}\``).join(', ')
  const message =
    fields.length === 1
      ? `the frontmatter field ${names} has no meaning in a runbook and was left out`
      : `the frontmatter fields ${names} have no meaning in a runbook and were left out`
  return [{ line: 1, message }]
}

/** A tag of HTML that the result does not have. */
export interface DroppedTag {
  /** As written. */
  part: string
  /** Whether only the words inside it stay. Otherwise it is shown as text. */
  gone: boolean
  line: number
}

/** One finding for the tags of one name. */
export function htmlNotes(tags: readonly DroppedTag[]): ImportNote[] {
  const groups = new Map<string, [DroppedTag, ...DroppedTag[]]>()
  for (const tag of tags) {
    const name = /^<\/?([\w-]*)/.exec(tag.part)?.[1]?.toLowerCase() ?? ''
    const group = groups.get(name)
    if (!group) groups.set(name, [tag])
    else if (!tag.part.startsWith('</')) group.push(tag)
  }
  return [...groups.values()].map((group) => {
    const [{ part, gone, line }] = group
    const more = group.length === 1 ? '' : ` and ${group.length - 1} more of its kind`
    const verb = gone
      ? `${more === '' ? 'was' : 'were'} left out, ${more === '' ? 'its' : 'their'} words stay`
      : 'became text'
    return { line, message: `the HTML \`${part.slice(0, 60)}\`${more} ${verb}` }
  })
}
