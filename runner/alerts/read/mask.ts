import { readActions } from './template-engines.ts'
import type { Action } from './template-engines.ts'

/** Stands where a template engine leaves nothing; removed from values. */
export const filler = '\uE000'
/** Stands where a template engine puts something that is not known here. */
export const opaque = '\uE001'

export interface Masked {
  /** Of the same length as the source, line by line, and free of the template engine's own syntax. */
  text: string
  /** Whether a template engine is at work at all. */
  templated: boolean
  /** Where whole lines are produced by the template engine: more entries may come from it. */
  produced: [number, number][]
}

const engine =
  /\{%-?\s*(raw|if|for|set|include|macro)\b|\{\{-?\s*(`|"\{\{|'\{\{|"\}\}|'\}\}|\/\*|include\s|template\s|define\s|toYaml|tpl\s|\$?\.(Values|Release|Chart|Capabilities|Files|Template)\b|\$\w+\s*:=|(if|with|range)\b[^}]*\.(Values|Release|Chart|Capabilities)\b)/
const ownTemplate =
  /\$(labels|value|externalLabels|externalURL|values)\b|\.(Labels|Value|ExternalLabels)\b|\bhumanize|\bquery\b/

/**
 * Replaces what belongs to Helm, Jinja and their like, so that the rest can be read as YAML at unchanged places.
 * Literals are unwrapped, since they are how charts write the templates of Prometheus itself.
 */
export function maskTemplates(source: string): Masked {
  if (!engine.test(source)) return { text: source, templated: false, produced: [] }
  const out = source.split('')
  const produced: [number, number][] = []
  for (const action of readActions(source)) mask(source, out, action, produced)
  return { text: out.join(''), templated: true, produced }
}

function mask(source: string, out: string[], action: Action, produced: [number, number][]): void {
  const { start, end, literal, silent } = action
  if (literal) {
    fill(out, start, literal[0], filler)
    fill(out, literal[1], end, filler)
    for (const at of literal[2]) out[at] = filler
    return
  }
  if (ownTemplate.test(source.slice(start, end))) return
  const before = out.slice(source.lastIndexOf('\n', start - 1) + 1, start).join('')
  const lineEnd = source.indexOf('\n', end)
  const after = source.slice(end, lineEnd === -1 ? source.length : lineEnd)
  const leads = before.trim() === ''
  const alone = leads && withoutActions(after).trim() === ''
  if (alone && !silent) produced.push([start, end])
  if (alone && opensBlock(out, source.lastIndexOf('\n', start - 1), before.length))
    fill(out, start, end, filler)
  else if (alone || (silent && (leads || after.trim() === ''))) fill(out, start, end, ' ')
  else fill(out, start, end, action.empty ? filler : opaque)
}

/**
 * Whether a line with this indentation, before which `lineBreak` stands, is the first of a text that `|` or `>` begins: it
 * says how far the text is indented, and a line of spaces could not be longer than that.
 */
function opensBlock(out: readonly string[], lineBreak: number, indentation: number): boolean {
  if (lineBreak < 0) return false
  const lines = out
    .slice(Math.max(0, lineBreak - longestHeader), lineBreak)
    .join('')
    .trimEnd()
    .split('\n')
  const header = lines.at(-1) ?? ''
  if (!/[:-]\s+(?:[&!]\S+\s+)*[|>][-+\d]*\s*(?:#.*)?$/.test(header)) return false
  return indentation > (/^ */.exec(header)?.[0].length ?? 0)
}

/** How far before the first line of a text its key is looked for, in characters. */
const longestHeader = 4000

function withoutActions(text: string): string {
  return text.replaceAll(/\{\{.*?\}\}|\{%.*?%\}/g, '')
}

/** Line breaks stay, and the indentation behind them: without it a quoted text would end there. */
function fill(out: string[], from: number, to: number, character: string): void {
  let indentation = false
  for (let at = from; at < to; at++) {
    const own = out[at] ?? ''
    indentation = own === '\n' || own === '\r' || (indentation && /[ \t]/.test(own))
    if (!indentation) out[at] = character
  }
}
