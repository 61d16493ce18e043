import { lastAtMost } from '../finding.ts'
import type { Text } from '../rule.ts'
import { filler, opaque } from './mask.ts'

/** A text that is read as YAML: a file, or a rule file inside a string of another. */
export interface RuleSource {
  /** Masked, see mask.ts. */
  text: string
  /** Where whole lines come from a template engine, in offsets of the file. */
  produced: readonly [number, number][]
  /** The offset in the file of an offset in this text. */
  toFile(offset: number): number
  /** Whether what stands between two offsets of the file is what stands between them here. */
  exact: boolean
}

const fillers = new RegExp(filler, 'g')

/** Makes a text out of what YAML read between two offsets of a source. */
export function textAt(value: string, from: number, to: number, source: RuleSource): Text {
  const start = source.toFile(from)
  const end = source.exact ? source.toFile(to) : start
  const hidden = source.produced.some(([a, b]) => a < end && b > start)
  return {
    value: value.replaceAll(fillers, ''),
    start,
    end,
    exact: source.exact,
    opaque: hidden || value.includes(opaque),
  }
}

/** A rule file in a block scalar: every line of it stands on a line of the outer text, indented. */
export function blockSource(value: string, from: number, to: number, outer: RuleSource): RuleSource {
  const raw = outer.text.slice(from, to)
  const firstLine = raw.indexOf('\n') + 1
  const rawLines = raw.slice(firstLine).split('\n')
  const indent = /^[ ]*/.exec(rawLines.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0
  const starts: number[] = []
  const outerStarts: number[] = []
  let inner = 0
  let at = from + firstLine
  const valueLines = value.split('\n')
  for (const [index, line] of valueLines.entries()) {
    starts.push(inner)
    outerStarts.push(at + Math.min(indent, (rawLines[index] ?? '').length))
    inner += line.length + 1
    at += (rawLines[index] ?? '').length + 1
  }
  return {
    text: value,
    produced: outer.produced,
    exact: outer.exact,
    toFile(offset) {
      const line = lastAtMost(starts, offset)
      return outer.toFile((outerStarts[line] ?? from) + offset - (starts[line] ?? 0))
    },
  }
}

/** A rule file in a quoted string: what is in it is known, but only the string has a place. */
export function stringSource(value: string, from: number, outer: RuleSource): RuleSource {
  const start = outer.toFile(from)
  return { text: value, produced: [], exact: false, toFile: () => start }
}
