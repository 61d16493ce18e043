import { closingLine, noticeOf, without } from './block.ts'
import type { Block, Line } from './block.ts'

/** `{{site.data.alerts.callout_info}}`, up to `{{site.data.alerts.end}}`. */
export function callout(lines: readonly Line[], index: number): Block | undefined {
  const [, prefix = '', said = '', first = ''] =
    /^([\t ]*)\{\{\s*site\.data\.alerts\.(?:callout_)?([a-z]+)\s*\}\}[\t ]*(.*)$/i.exec(
      lines[index]?.text ?? '',
    ) ?? []
  if (said === '' || said === 'end') return undefined
  const closes = /\{\{\s*site\.data\.alerts\.end\s*\}\}\s*$/i
  const end = lines.findIndex(({ text }, at) => at >= index && closes.test(text))
  const [opening, closing] = [lines[index], lines[end]]
  if (!opening || !closing) return undefined
  const text = [{ text: first, number: opening.number }, ...lines.slice(index + 1, end + 1)]
  const inner = without(prefix, text)
    .map(({ text: words, number }) => ({ text: words.replace(closes, ''), number }))
    .filter((line, at, all) => line.text.trim() !== '' || (at > 0 && at < all.length - 1))
  return { kind: noticeOf(said) === undefined ? 'note' : said, title: '', prefix, inner, after: end + 1 }
}

/** A line without `{% raw %}` and `{% endraw %}`. Undefined when it had nothing else. */
export function withoutRaw(line: Line): Line | undefined {
  const text = line.text.replaceAll(/\{%-?\s*(?:end)?raw\s*-?%\}/g, '')
  return text === line.text ? line : text.trim() === '' ? undefined : { ...line, text }
}

/** Tags that only hold Markdown. */
const frames = new Set(['code', 'step', 'stepper', 'tabs'])

/** Blocks of GitBook: `{% hint style="warning" %}`, `{% tab title="Debian" %}`, up to the same with `end`. */
export function tagBlock(lines: readonly Line[], index: number): Block | undefined {
  const [, prefix = '', tag = '', args = ''] =
    /^([\t >]*)\{%-?\s*(hint|tabs?|code|step|stepper)\b([^%]*)%\}\s*$/.exec(lines[index]?.text ?? '') ?? []
  if (tag === '') return undefined
  const end = closingLine(
    lines,
    index,
    new RegExp(String.raw`^[\t >]*\{%-?\s*${tag}\b[^%]*%\}\s*$`),
    new RegExp(String.raw`^[\t >]*\{%-?\s*end${tag}\s*-?%\}\s*$`),
  )
  if (end === -1) return undefined
  const style = /\bstyle\s*=\s*["']([a-z]+)["']/.exec(args)?.[1] ?? 'note'
  return {
    kind: frames.has(tag) ? 'tabs' : tag === 'tab' ? 'tab' : noticeOf(style) === undefined ? 'note' : style,
    title: tag === 'tab' ? (/\btitle\s*=\s*(["'])(.*?)\1/.exec(args)?.[2] ?? '') : '',
    prefix,
    inner: without(prefix, lines.slice(index + 1, end)),
    after: end + 1,
  }
}
