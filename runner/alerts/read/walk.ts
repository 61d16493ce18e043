import { isAlias, isMap, isSeq } from 'yaml'
import type { Node, YAMLMap } from 'yaml'
import type { AlertRule, RuleEntry, Flavor, ReadProblem } from '../rule.ts'
import { opaque } from './mask.ts'
import { child, has, isText, keyOf, pairsOf, resolved, textOf } from './nodes.ts'
import type { Tree } from './nodes.ts'

/** The facts about a rule from the maps around it. */
interface Context {
  file: string
  flavor: Flavor
  group: string | undefined
  groupLabels: RuleEntry[]
}

export interface Walked {
  rules: AlertRule[]
  /** Strings that hold rule files of their own, such as the data of a ConfigMap. */
  embedded: Node[]
  /** Rules that Prometheus would refuse, and the whole file with them. */
  problems: ReadProblem[]
}

const embeddedRules = /(^|[\n{,])[ \t]*(- +)?"?(alert|groups|rules)"?[ \t]*:/
const maxDepth = 40

/** Finds the rules of a document wherever they stand: every wrapping ends in maps with `alert`. */
export function walk(tree: Tree, file: string): Walked {
  const walked: Walked = { rules: [], embedded: [], problems: [] }
  const context: Context = { file, flavor: 'prometheus', group: undefined, groupLabels: [] }
  visit(tree.document.contents, context, tree, walked, 0)
  return walked
}

function visit(value: unknown, context: Context, tree: Tree, walked: Walked, depth: number): void {
  // The target of an alias was visited at its own place; to follow each would let a small file grow without end.
  if (depth > maxDepth || isAlias(value)) return
  const node = resolved(value, tree)
  if (isText(node)) {
    if (node.value.length > 20 && embeddedRules.test(node.value)) walked.embedded.push(node)
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      if (context.group !== undefined) walked.problems.push(...malformed(item, tree))
      const rule = isAlias(item) ? undefined : readRule(item, context, tree)
      if (!rule) visit(item, context, tree, walked, depth + 1)
      else walked.rules.push(closedBy(rule, resolved(item, tree), node.items[index + 1], tree))
    }
  } else if (isMap(node)) {
    // A chart may keep each rule in a file, or under a key, of its own.
    const rule = readRule(node, context, tree)
    if (rule) return void walked.rules.push(closedBy(rule, node, undefined, tree))
    const inner = enter(node, context, tree)
    for (const pair of node.items) visit(pair.value, inner, tree, walked, depth + 1)
  }
}

function enter(map: YAMLMap, context: Context, tree: Tree): Context {
  const kind = textOf(child(map, 'kind', tree), tree)?.value
  const flavor: Flavor =
    kind === 'VMRule' ? 'victoria' : kind?.startsWith('GrafanaAlert') === true ? 'grafana' : context.flavor
  if (!has(map, 'rules', tree)) return { ...context, flavor }
  const group = textOf(child(map, 'name', tree), tree)?.value ?? context.group
  return { ...context, flavor, group, groupLabels: entries(child(map, 'labels', tree), tree) }
}

function readRule(item: unknown, context: Context, tree: Tree): AlertRule | undefined {
  const map = resolved(item, tree)
  if (!isMap(map)) return undefined
  const alert = textOf(child(map, 'alert', tree), tree)
  const expr = child(map, 'expr', tree) ?? child(map, 'expression', tree)
  if (alert && (expr || context.group !== undefined)) {
    return { ...common(map, context, tree), name: alert, expr: textOf(expr, tree) }
  }
  return readGrafana(map, context, tree)
}

/** Invalid parts of a rule: a name that is not text, labels or annotations that are not a map. */
function malformed(item: unknown, tree: Tree): ReadProblem[] {
  const map = isAlias(item) ? undefined : resolved(item, tree)
  if (!isMap(map) || !has(map, 'alert', tree)) return []
  const wrong = ['alert', 'labels', 'annotations'].find((name) => {
    const value = child(map, name, tree)
    if (name === 'alert') return textOf(value, tree) === undefined
    return isSeq(value) || textOf(value, tree)?.opaque === false
  })
  if (wrong === undefined) return []
  const message = `A rule has \`${wrong}\` in a form that Prometheus refuses`
  return [{ message, offset: tree.source.toFile(map.range?.[0] ?? 0), partial: false }]
}

/** Grafana's provisioning files have `title` and `data`; its API wraps them in `grafana_alert`. */
function readGrafana(map: YAMLMap, context: Context, tree: Tree): AlertRule | undefined {
  const wrapped = child(map, 'grafana_alert', tree)
  const definition = isMap(wrapped) ? wrapped : map
  const title = textOf(child(definition, 'title', tree), tree)
  if (!title || !isSeq(child(definition, 'data', tree)) || !has(definition, 'condition', tree))
    return undefined
  const rule = common(map, { ...context, flavor: 'grafana' }, tree)
  return { ...rule, name: title, expr: undefined }
}

function common(map: YAMLMap, context: Context, tree: Tree): Omit<AlertRule, 'name' | 'expr'> {
  const { file, flavor, group, groupLabels } = context
  const labels = entries(child(map, 'labels', tree), tree)
  const own = new Set(labels.map(({ key }) => key.value))
  return {
    file,
    flavor,
    group,
    hold: textOf(child(map, 'for', tree), tree),
    labels: [...labels, ...groupLabels.filter(({ key }) => !own.has(key.value))],
    annotations: entries(child(map, 'annotations', tree), tree),
    open: false,
  }
}

function entries(node: unknown, tree: Tree): RuleEntry[] {
  return pairsOf(node, tree).flatMap((pair) => {
    const key = textOf(pair.key, tree)
    const value = textOf(pair.value, tree) ?? emptyValue(pair.value, key, tree)
    return key && value && keyOf(pair) !== undefined ? [{ key, value }] : []
  })
}

/** `runbook_url:` with nothing behind it is an entry, of no text. */
function emptyValue(
  node: unknown,
  key: RuleEntry['key'] | undefined,
  tree: Tree,
): RuleEntry['value'] | undefined {
  if (!key || isMap(node) || isSeq(resolved(node, tree))) return undefined
  return { ...key, value: '', start: key.end, opaque: key.opaque }
}

/** A rule is open when its keys, or lines up to the next rule, come from a template engine. */
function closedBy(rule: AlertRule, node: Node | undefined, next: unknown, tree: Tree): AlertRule {
  const { source } = tree
  const keys = [...rule.labels, ...rule.annotations].some(({ key }) => key.value.includes(opaque))
  const from = source.toFile(node?.range?.[0] ?? 0)
  const nextStart = (resolved(next, tree) ?? undefined)?.range?.[0]
  const to = nextStart === undefined ? afterBlanks(node?.range?.[2] ?? 0, source.text) : nextStart
  const end = source.toFile(to)
  return { ...rule, open: keys || source.produced.some(([a, b]) => a < end && b > from) }
}

function afterBlanks(offset: number, text: string): number {
  const rest = /\S/.exec(text.slice(offset))
  return rest ? offset + rest.index : text.length
}
