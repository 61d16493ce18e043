import { escapeMdx, stepByHand, writeStep } from '../draft.ts'
import type { DraftStep } from '../draft.ts'
import { note, replace, attributesOf, plainWords, plainTitle, filled } from './work.ts'
import type { Element, Work } from './work.ts'
import { scriptStep } from './script-step.ts'

/** Elements of HTML that a runbook may have. */
const plain = new Set(['details', 'summary', 'br', 'kbd', 'sub', 'sup'])

export function convertElement(node: Element, work: Work): void {
  const name = node.name ?? ''
  if (node.type === 'mdxJsxTextElement' || /^[a-z]/.test(name) || name === '')
    return convertPlain(node, name, work)
  const values = attributesOf(node, work)
  if (name === 'Inputs') return replace(node, '', work)
  if (name === 'Admonition') return convertAdmonition(node, values, work)
  const step =
    name === 'Check' || name === 'Command'
      ? scriptStep(node, name, values, work)
      : `the block \`<${name}>\` has no counterpart`
  work.steps += 1
  if (typeof step !== 'string') return replace(node, writeStep(step), work)
  work.byHand += 1
  const title = filled(values['title'] ?? (values['id'] ?? name).replaceAll('-', ' '), work)
  note(work, node, `the block \`${values['id'] ?? name}\` is left to a person: ${step}`)
  const { position } = node
  const source = work.source.slice(position?.start.offset ?? 0, position?.end.offset ?? 0)
  const made = stepByHand(
    work.names.id(values['id'] ?? name),
    title,
    `Do what the block <${name}> does`,
    source,
    'mdx',
  )
  replace(node, writeStep({ ...made, prose: [plainWords(values['description'] ?? '')] }), work)
}

/** An element of HTML, or one within a line. */
function convertPlain(node: Element, name: string, work: Work): void {
  if (plain.has(name) && node.attributes.length === 0) return
  const { position, children } = node
  const [from, to] = [position?.start.offset ?? 0, position?.end.offset ?? 0]
  const first = children[0]?.position?.start.offset
  const last = children.at(-1)?.position?.end.offset
  note(work, node, `\`<${name}>\` was left out, its words stay`)
  if (/^[A-Z]/.test(name) || first === undefined || last === undefined)
    return replace(node, escapeMdx(work.source.slice(from, to)), work)
  work.edits.push({ from, to: first, text: '' }, { from: last, to, text: '' })
}

function convertAdmonition(
  node: Element,
  { type = 'note', title, description, confirmationText, ...rest }: Record<string, string>,
  work: Work,
): void {
  const inner =
    node.children.length === 0
      ? ''
      : work.source.slice(
          node.children[0]?.position?.start.offset ?? 0,
          node.children.at(-1)?.position?.end.offset ?? 0,
        )
  const left = Object.keys(rest).filter(
    (name) => !['id', 'closable', 'storageKey', 'allowPermanentHide'].includes(name),
  )
  if (left.length > 0) note(work, node, `\`${left.join('`, `')}\` of the admonition was left out`)
  const sign = { warning: 'WARNING', danger: 'CAUTION', tip: 'TIP' }[type] ?? 'NOTE'
  const lines = [
    ...(title === undefined ? [] : [`**${plainWords(title)}**`]),
    plainWords(description ?? ''),
    ...inner.split('\n').map((line) => line.trim()),
  ].filter((line) => line !== '')
  const quote = [
    `> [!${sign}]`,
    ...lines.flatMap((line, index) => (index === 0 ? [`> ${line}`] : ['>', `> ${line}`])),
  ].join('\n')
  if (confirmationText === undefined) return replace(node, quote, work)
  work.steps += 1
  const step: DraftStep = {
    element: 'Checklist',
    id: work.names.id(title ?? 'confirm'),
    title: plainTitle(title ?? 'Confirm'),
    tasks: [confirmationText],
  }
  replace(node, `${quote}\n\n${writeStep(step)}`, work)
}
