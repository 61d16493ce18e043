import { LineCounter } from 'yaml'
import { readYaml } from '../../model/text/yaml.ts'
import type { AlertRule } from '../rule.ts'
import type { RuleSource } from './rule-source.ts'
import { walk } from './walk.ts'

const ruleStart = /^([ \t]*)-[ \t]+(["']?)alert\2[ \t]*:/gm

/**
 * Reads rules one by one where the document around them cannot be read: whatever a template engine does elsewhere, a
 * rule is mostly whole.
 */
export function salvage(source: RuleSource, file: string): AlertRule[] {
  const rules: AlertRule[] = []
  for (const match of source.text.matchAll(ruleStart)) {
    const indent = match[1]?.length ?? 0
    const start = match.index
    const end = blockEnd(source.text, start, indent)
    const text = `rules:\n${source.text.slice(start, end)}`
    const inner: RuleSource = {
      ...source,
      text,
      toFile: (offset) => source.toFile(start + Math.max(0, offset - 7)),
    }
    const document = readYaml(text, yamlOptions())
    if (document.errors.length > 0 && document.contents === null) continue
    rules.push(...walk({ document, source: inner }, file).rules)
  }
  return rules
}

/** The block of a list item ends at the next line that is not indented deeper than its dash. */
function blockEnd(text: string, start: number, indent: number): number {
  const lines = /^([ \t]*)(\S?)/gm
  lines.lastIndex = text.indexOf('\n', start) + 1
  if (lines.lastIndex === 0) return text.length
  for (let match = lines.exec(text); match; match = lines.exec(text)) {
    if (match[2] !== '' && match[2] !== '#' && (match[1] ?? '').length <= indent) return match.index
    const next = text.indexOf('\n', match.index)
    if (next === -1) break
    lines.lastIndex = next + 1
  }
  return text.length
}

/** Wild files repeat keys, and what the library thinks of a document matters less than what can be read of it. */
export function yamlOptions() {
  return {
    uniqueKeys: false,
    prettyErrors: false,
    strict: false,
    logLevel: 'silent',
    merge: false,
    lineCounter: new LineCounter(),
  } as const
}
