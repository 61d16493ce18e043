import { isAlias, isMap, isPair, isScalar, isSeq } from 'yaml'
import type { Document, Node, Pair, Scalar, YAMLMap } from 'yaml'
import type { Text } from '../rule.ts'
import { textAt } from './rule-source.ts'
import type { RuleSource } from './rule-source.ts'

/** A YAML document and the text it was read from. */
export interface Tree {
  document: Document
  source: RuleSource
}

/** The node itself, or what an alias stands for. */
export function resolved(node: unknown, { document }: Tree): Node | undefined {
  if (isAlias(node)) return node.resolve(document)
  return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined
}

/** The pairs of a map with the merged ones behind its own; empty for anything else. */
export function pairsOf(node: unknown, tree: Tree, depth = 0): Pair[] {
  const map = resolved(node, tree)
  if (!isMap(map) || depth > 3) return []
  return map.items.filter(isPair).flatMap((pair) => {
    if (!isScalar(pair.key) || pair.key.value !== '<<') return [pair]
    const merged = resolved(pair.value, tree)
    return (isSeq(merged) ? merged.items.slice(0, 20) : [merged]).flatMap((one) =>
      pairsOf(one, tree, depth + 1),
    )
  })
}

export function keyOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined
}

export function child(node: unknown, name: string, tree: Tree): Node | undefined {
  const pair = pairsOf(node, tree).find((one) => keyOf(one) === name)
  return pair && resolved(pair.value, tree)
}

/** A scalar as text. Numbers and booleans are taken as they are written. */
export function textOf(node: unknown, tree: Tree): Text | undefined {
  const scalar = resolved(node, tree)
  if (!isScalar(scalar) || scalar.value === null || scalar.value === undefined) return undefined
  const [start, end] = scalar.range ?? [0, 0]
  const value =
    typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? JSON.stringify(scalar.value))
  return textAt(value, start, end, tree.source)
}

export function isText(node: unknown): node is Scalar<string> {
  return isScalar(node) && typeof node.value === 'string'
}

export function has(map: YAMLMap, name: string, tree: Tree): boolean {
  return pairsOf(map, tree).some((pair) => keyOf(pair) === name)
}
