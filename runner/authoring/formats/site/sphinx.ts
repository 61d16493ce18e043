import { fenceMarks } from '../../../model/text/fence-marks.ts'
import { capitalized, folds, noticeOf, without } from './block.ts'
import type { Block, Fenced, Line } from './block.ts'

const opening = /^([\t >]*)(`{3,}|~{3,}|:{3,})\{([a-z][\w-]*)\}[\t ]*(.*?)\s*$/i
const codeNames = /^(?:code|code-block|code-cell|sourcecode|prompt)$/

/** A directive of MyST, the Markdown of Sphinx, with its body after its options. */
interface Directive {
  prefix: string
  name: string
  argument: string
  options: ReadonlyMap<string, string>
  line: Line
  inner: Line[]
  end: number
}

function directiveAt(lines: readonly Line[], index: number): Directive | undefined {
  const line = lines[index]
  const [, prefix = '', marks = '', name = '', argument = ''] = opening.exec(line?.text ?? '') ?? []
  if (!line || name === '') return undefined
  const closes = new RegExp(`^[\\t >]*\\${marks[0] ?? ''}{${marks.length},}\\s*$`)
  const closing = lines.findIndex(({ text }, at) => at > index && closes.test(text))
  const end = closing === -1 ? lines.length : closing
  const body = without(prefix, lines.slice(index + 1, end))
  const options = new Map<string, string>()
  for (const { text } of body) {
    const [, key, value = ''] = /^\s*:([\w-]+):\s*(.*?)\s*$/.exec(text) ?? []
    if (key === undefined) break
    options.set(key, value)
  }
  return { prefix, name: name.toLowerCase(), argument, options, line, inner: body.slice(options.size), end }
}

/** ```` ```{note} ````, `:::{admonition} Title`, `:::{dropdown} Title`, `:::{tab-item} Title`. */
export function directive(lines: readonly Line[], index: number): Block | undefined {
  const own = directiveAt(lines, index)
  if (!own) return undefined
  const { name, argument, options, prefix, inner, end } = own
  const said = options
    .get('class')
    ?.split(/\s+/)
    .find((word) => noticeOf(word) !== undefined)
  const kind =
    name === 'tab-set'
      ? 'tabs'
      : name === 'tab-item' || name === 'tab'
        ? 'tab'
        : name === 'admonition'
          ? (said ?? 'note')
          : name
  const isFold = folds.has(name) || (options.get('class') ?? '').includes('dropdown')
  if (!isFold && kind !== 'tabs' && kind !== 'tab' && noticeOf(kind) === undefined) return undefined
  return {
    kind,
    folded: isFold ? (options.has('open') ? 'open' : 'closed') : undefined,
    title: argument || (isFold ? capitalized(name) : ''),
    prefix,
    inner,
    after: end + 1,
  }
}

/** ```` ```{code-block} bash ```` without its options, which do not belong to the script. */
export function codeDirective(lines: readonly Line[], index: number): Fenced | undefined {
  const own = directiveAt(lines, index)
  if (!own || !codeNames.test(own.name) || own.options.size === 0) return undefined
  const { prefix, argument, inner, line, end } = own
  const body = inner[0]?.text.trim() === '' ? inner.slice(1) : inner
  const marks = fenceMarks(body.map(({ text }) => text).join('\n'))
  return {
    lines: [
      { text: `${prefix}${marks}${argument.split(/\s/, 1)[0] ?? ''}`, number: line.number },
      ...body.map(({ text, number }) => ({ text: `${prefix}${text}`.trimEnd(), number })),
      { text: `${prefix}${marks}`, number: lines[end]?.number ?? line.number },
    ],
    after: end + 1,
  }
}

const target = /^([\t ]*)\(([A-Za-z][\w.:-]*)\)=\s*$/

/** `(name)=` as an element with that address. The text after it begins a paragraph of its own. */
export function targetLines(line: Line): Line[] | undefined {
  const [, prefix = '', name] = target.exec(line.text) ?? []
  if (name === undefined) return undefined
  return [
    { text: `${prefix}<a id="${name}"></a>`, number: line.number },
    { text: '', number: line.number },
  ]
}

/** Links to the targets of the document itself, by their addresses. */
export function withTargets(line: string, names: ReadonlySet<string>): string {
  return names.size === 0
    ? line
    : line.replaceAll(/\]\(([A-Za-z][\w.:-]*)\)/g, (link, name: string) =>
        names.has(name) ? `](#${name})` : link,
      )
}

export function targetNames(lines: readonly Line[]): Set<string> {
  return new Set(lines.flatMap(({ text }) => target.exec(text)?.[2] ?? []))
}
