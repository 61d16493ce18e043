import { LineCounter, isCollection, isNode, isScalar, isMap } from 'yaml'
import { readYaml } from '../../model/text/yaml.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { isRecord } from '../../model/values/json.ts'

type Path = readonly (number | string)[]

/** A YAML or JSON document with the line of each of its values. */
export interface SourceTree {
  value: Record<string, unknown>
  /** The line of a value, of its key where it has one; 1 when it is not there. */
  lineOf(path: Path): number
  /** The text of a value, without the indentation of its first line. */
  textOf(path: Path): string
}

export function readTree(text: string): Outcome<SourceTree> {
  const lines = new LineCounter()
  const document = readYaml(text, { lineCounter: lines, logLevel: 'silent', uniqueKeys: false })
  const [error] = document.errors
  if (error) {
    const [at] = error.linePos ?? []
    return failure(`Line ${at?.line ?? 1} is not valid YAML: ${error.message.split('\n', 1)[0] ?? ''}`)
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 1000 })
  } catch {
    return failure('The aliases of the document name each other too often')
  }
  if (!isRecord(value)) return failure('The document is not a map')
  const nodeAt = (path: Path): unknown => (path.length === 0 ? document.contents : document.getIn(path, true))
  const startOf = (path: Path): number | undefined => {
    const parent = nodeAt(path.slice(0, -1))
    const last = path.at(-1)
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => (isScalar(key) ? String(key.value) : '') === String(last))
      : undefined
    if (pair && isNode(pair.key)) return pair.key.range?.[0]
    const node = nodeAt(path)
    return isNode(node) ? node.range?.[0] : undefined
  }
  return success({
    value,
    lineOf: (path) => lines.linePos(startOf(path) ?? 0).line,
    textOf(path) {
      const node = nodeAt(path)
      if (!isNode(node) || !node.range) return ''
      const [from, , to] = node.range
      const indent = isCollection(node) ? from - (text.lastIndexOf('\n', from - 1) + 1) : 0
      return text
        .slice(from, to)
        .split('\n')
        .map((line, index) => (index === 0 ? line : line.replace(new RegExp(`^ {0,${indent}}`), '')))
        .join('\n')
        .trimEnd()
    },
  })
}

/** A value of a document as text; a list or a map as JSON. */
export function textOfValue(value: unknown, otherwise = ''): string {
  if (value === undefined || value === null) return otherwise
  return typeof value === 'string' ? value : JSON.stringify(value)
}
