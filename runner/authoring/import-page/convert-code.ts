import type { Code, Nodes, Root } from 'mdast'
import { language } from '../../model/steps/languages.ts'
import type { Fence, Step } from '../../model/runbook.ts'
import { fenceMarks } from '../../model/text/fence-marks.ts'
import { isExample, looksLikeCommand } from '../../model/text/shell/not-run.ts'
import { hasPrompt } from '../../model/text/shell/session.ts'
import { shellFence } from '../../model/text/shell/shell-fence.ts'
import { descendants } from '../../model/text/tree.ts'
import { openingTag } from '../formats/draft.ts'
import { block, prefixOf, range, replace } from './page-work.ts'
import type { Work } from './page-work.ts'
import { isQuery } from './script-notes.ts'

export function stepElement(node: Code, step: Pick<Step, 'fences' | 'id' | 'title'>, work: Work): string {
  const fence = step.fences[0]
  const { title: named, attributes = {}, before = [] } = work.fences.get(node.position?.start.line ?? 0) ?? {}
  const script = (fence?.code ?? '')
    .replaceAll(/"\$\{(\w+):\?\}"/g, '"$$$1"')
    .replaceAll(/\$\{(\w+):\?\}/g, '$${$1}')
  const code = [...before, script].join('\n')
  const ticks = fenceMarks(`${code}\n${node.value}`)
  const opening = openingTag('Command', { id: step.id, title: named ?? step.title, ...attributes })
  const shown = outputOf(node, fence)
  const output = shown.length > 0 ? ['', `${ticks}text example`, ...shown, ticks] : []
  return block(
    [
      opening,
      '',
      `${ticks}${fence?.lang ?? 'bash'}`,
      ...code.split('\n'),
      ticks,
      ...output,
      '',
      '</Command>',
    ],
    prefixOf(node, work.source),
  )
}

/** The text of a session beside its commands: the output after the last one, or the whole session when output comes between. */
function outputOf(node: Code, fence: Fence | undefined): string[] {
  if (!fence?.lines) return []
  const lines = node.value.split('\n')
  const commands = new Set(fence.lines.map((line) => line - fence.place.line))
  const rest = [...lines.keys()].filter((index) => !commands.has(index) && lines[index]?.trim() !== '')
  if (rest.length === 0) return []
  const last = Math.max(...commands)
  return (rest[0] ?? 0) > last ? lines.slice(last + 1) : lines
}

/** MDX has no indented code: it gets a fence. */
export function convertCode(node: Code, work: Work): void {
  const [from] = range(node)
  const annotation = work.fences.get(node.position?.start.line ?? 0)
  if (
    annotation?.runs === true &&
    !isExample(node) &&
    language(node.lang ?? '') !== undefined &&
    node.value.trim() !== ''
  ) {
    const title = annotation.title ?? `Run the ${node.lang} script`
    const fence = { role: 'main', lang: node.lang ?? '', code: node.value } as Fence
    work.others += 1
    return replace(node, stepElement(node, { id: work.ids.id(title), title, fences: [fence] }, work), work)
  }
  if (/^(`{3,}|~{3,})/.test(work.source.slice(from, from + 3))) {
    if (shellFence(node) && !isExample(node)) keepAsExample(node, work)
    return
  }
  const ticks = fenceMarks(node.value)
  replace(node, block([`${ticks}text`, ...node.value.split('\n'), ticks], prefixOf(node, work.source)), work)
}

/** A shell fence that is not a step in Markdown, empty or in a comment, does not become one. */
function keepAsExample(node: Code, work: Work): void {
  const [from] = range(node)
  const line = work.source.slice(from).split('\n', 1)[0] ?? ''
  const at = from + line.indexOf(node.lang ?? '') + (node.lang?.length ?? 0)
  work.edits.push({ from: at, to: at, text: ' example' })
  work.notes.push({
    line: node.position?.start.line ?? 1,
    message: 'a shell fence that does not run was marked `example`',
  })
}

/**
 * Fences of a shell that no shell could run, and what they hold: a query, or the output of a command. A session without
 * a prompt is output where other sessions of the document have prompts, unless it begins as a command does.
 */
export function readAsText(tree: Root): Map<Nodes, string> {
  const fences = descendants(tree, 'code').filter(
    (node) => shellFence(node) && !isExample(node) && !hasPrompt(node.value),
  )
  const prompts = descendants(tree, 'code').some(
    (node) => shellFence(node)?.session === true && hasPrompt(node.value),
  )
  const texts = fences.flatMap((node): [Nodes, string][] => {
    if (isQuery(node.value)) return [[node, 'holds a query and became text']]
    return prompts &&
      shellFence(node)?.session === true &&
      node.value.trim() !== '' &&
      !looksLikeCommand(node.value)
      ? [
          [
            node,
            'without a prompt became text, since others of the document have one: write `bash` if it is a command',
          ],
        ]
      : []
  })
  for (const [node] of texts) (node as Code).lang = 'text'
  return new Map(texts)
}

export function renameToText(node: Code, reason: string, work: Work): void {
  const [from] = range(node)
  const [, marks = '', info = ''] = /^([`~]+)([^\n]*)/.exec(work.source.slice(from)) ?? []
  work.edits.push({ from: from + marks.length, to: from + marks.length + info.length, text: 'text' })
  work.notes.push({
    line: node.position?.start.line ?? 1,
    message: `a fence of \`${info.trim()}\` ${reason}`,
  })
}
