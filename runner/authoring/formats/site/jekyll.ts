import type { Block, Line } from './block.ts'
import { noticeOf, without } from './block.ts'

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
