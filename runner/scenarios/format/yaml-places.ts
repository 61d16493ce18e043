import { isMap, isPair, isScalar, isSeq } from 'yaml'
import type { Document, LineCounter, Node } from 'yaml'
import type { Place } from '../../model/diagnostic.ts'

export type Path = readonly PropertyKey[]

/** The place of the value of a path in a YAML document; that of the nearest one above it when there is none. */
export type PlaceOf = (path: Path) => Place

export function placesIn(document: Document, counter: LineCounter, file: string): PlaceOf {
  return (path) => {
    let node: unknown = document.contents
    let offset = 0
    for (const part of path) {
      const next = within(node, part)
      if (!next) break
      offset = next.offset
      node = next.node
    }
    const { line, col } = counter.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
}

function within(node: unknown, part: PropertyKey): { node: unknown; offset: number } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === part)
    const start = (pair?.key as Node | undefined)?.range?.[0]
    return start === undefined ? undefined : { node: pair?.value, offset: start }
  }
  if (!isSeq(node)) return undefined
  const item = node.items[Number(part)] as Node | undefined
  const start = item?.range?.[0]
  return start === undefined ? undefined : { node: item, offset: start }
}
