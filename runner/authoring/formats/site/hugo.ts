import { fenceMarks } from '../../../model/text/fence-marks.ts'
import { shellFence } from '../../../model/text/shell/shell-fence.ts'
import { capitalized, closingLine, folds, noticeOf, without } from './block.ts'
import type { Block, Fenced, Line } from './block.ts'

const opening = /^([\t >]*)\{\{[<%]\s*([a-z][\w/-]*)\b([^{}]*?)[>%]\}\}\s*$/i

/** The lines between a shortcode and the same with a slash. */
interface Shortcode {
  prefix: string
  name: string
  args: string
  line: Line
  inner: Line[]
  end: number
}

function pairedShortcode(lines: readonly Line[], index: number): Shortcode | undefined {
  const line = lines[index]
  const [, prefix = '', name = '', args = ''] = opening.exec(line?.text ?? '') ?? []
  if (!line || name === '') return undefined
  const end = closingLine(
    lines,
    index,
    new RegExp(String.raw`^[\t >]*\{\{[<%]\s*${name}\b[^{}]*[>%]\}\}\s*$`, 'i'),
    new RegExp(String.raw`^[\t >]*\{\{[<%]\s*/\s*${name}\s*[>%]\}\}\s*$`, 'i'),
  )
  if (end === -1) return undefined
  return { prefix, name: name.toLowerCase(), args, line, inner: lines.slice(index + 1, end), end }
}

/** `{{< warning >}}`, `{{% notice tip "Title" %}}`, `{{< tab name="Title" >}}`, `{{< details "Title" >}}`. */
export function shortcode(lines: readonly Line[], index: number): Block | undefined {
  const code = pairedShortcode(lines, index)
  if (!code) return undefined
  const { name, args, prefix, inner, end } = code
  const kind = kindOf(name, args)
  if (kind === undefined) return undefined
  const title =
    argument(args, kind === 'tab' ? 'name|header|title|label' : 'title|summary') ??
    /^\s*(?:\w+\s+)?(["'])(.*?)\1\s*$/.exec(args)?.[2]
  return {
    kind,
    folded: folds.has(name) ? (/\bopen(?:=(?:["']?true)|\b(?!=))/.test(args) ? 'open' : 'closed') : undefined,
    title: title ?? (folds.has(name) ? capitalized(name) : ''),
    prefix,
    inner: without(prefix, kind === 'tab' ? codeOfTab(inner, args) : inner),
    after: end + 1,
  }
}

function kindOf(name: string, args: string): string | undefined {
  if (/^(?:code)?tabs$|^tab(?:pane|set|group)$/.test(name)) return 'tabs'
  if (name === 'tab' || folds.has(name)) return name
  const general = /^(?:admonition|alert|callout|hint|notice)$/.test(name)
  const said =
    argument(args, 'type|color|style|level') ?? /^\s*["']?([a-z]+)\b(?!\s*=)/i.exec(args)?.[1] ?? 'note'
  const kind = general ? (noticeOf(said) === undefined ? 'note' : said) : name
  return noticeOf(kind) === undefined ? undefined : kind
}

/** A tab that names a language is code without a fence. */
function codeOfTab(inner: Line[], args: string): Line[] {
  const lang = argument(args, 'lang')
  const [first] = inner
  if (lang === undefined || !first || inner.some(({ text }) => /^\s*(?:`{3}|~{3})/.test(text))) return inner
  return fenced(lang, '', inner, first, inner.at(-1) ?? first)
}

const codeNames = /^(?:highlight|text|code|codeblock|code-block)$/

/** Code of `{{< highlight shell >}}`, `{{< text bash >}}`, `{{< code lang="shell" >}}`, `{{< bash >}}` and `{% highlight shell %}`. */
export function highlighted(lines: readonly Line[], index: number): Fenced | undefined {
  const code = pairedShortcode(lines, index)
  if (code) {
    const { name, args, prefix, inner, line, end } = code
    const named =
      argument(args, 'syntax|lang|language|type') ??
      /^\s*["']?([\w+#.-]+)["']?(?=\s|$)(?!\s*=)/.exec(args)?.[1]
    const lang = codeNames.test(name) ? (named ?? '') : shellFence({ lang: name }) ? name : undefined
    return lang === undefined
      ? undefined
      : { lines: fenced(lang, prefix, inner, line, lines[end] ?? line), after: end + 1 }
  }
  const line = lines[index]
  const [, prefix = '', lang = ''] =
    /^([\t ]*)\{%-?\s*highlight\s+["']?([\w+#.-]+)[^{}]*?-?%\}\s*$/.exec(line?.text ?? '') ?? []
  if (!line || lang === '') return undefined
  const end = closingLine(lines, index, /^$(?!)/, /^\s*\{%-?\s*endhighlight\s*-?%\}\s*$/)
  if (end === -1) return undefined
  return {
    lines: fenced(lang, prefix, lines.slice(index + 1, end), line, lines[end] ?? line),
    after: end + 1,
  }
}

function fenced(lang: string, prefix: string, code: readonly Line[], first: Line, last: Line): Line[] {
  const marks = fenceMarks(code.map(({ text }) => text).join('\n'))
  return [
    { text: `${prefix}${marks}${lang}`, number: first.number },
    ...code,
    { text: `${prefix}${marks}`, number: last.number },
  ]
}

/** The value of a named argument. */
function argument(args: string, names: string): string | undefined {
  const [, , quoted, bare] =
    new RegExp(String.raw`(?:^|\s)(?:${names})\s*=\s*(?:(["'])(.*?)\1|([^\s"']+))`, 'i').exec(args) ?? []
  return quoted ?? bare
}
