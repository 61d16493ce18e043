import type { Document, Node } from 'yaml'
import { readAllYaml } from '../../model/text/yaml.ts'
import { foreignAlerts } from '../foreign-alerts.ts'
import type { AlertRule, ReadProblem, RuleFile } from '../rule.ts'
import { decode } from './decode-rules.ts'
import { maskTemplates } from './mask.ts'
import { isText } from './nodes.ts'
import { joinQuoted } from './quoted.ts'
import { salvage, yamlOptions } from './salvage.ts'
import { blockSource, stringSource } from './rule-source.ts'
import type { RuleSource } from './rule-source.ts'
import { walk } from './walk.ts'

const mention = /\balert\\*["']?\s*:|grafana_alert|["']?\btitle["']?\s*:[\s\S]*["']?\bcondition["']?\s*:/
const oldSyntax = /^ALERT\s+\w+\s*$|^ALERT\s+\w+\s+IF\b/m
const maxBytes = 64 * 1024 * 1024
const maxNesting = 3

interface Reading {
  rules: AlertRule[]
  problems: ReadProblem[]
}

/** Reads the alerting rules of a file in whatever wrapping they are. Never throws for what is in it. */
export function readRuleFile(file: string, bytes: Uint8Array): RuleFile {
  if (bytes.byteLength > maxBytes) return failed(file, `The file is larger than ${maxBytes >> 20} MiB`)
  const decoded = decode(bytes)
  if (!decoded.ok) return failed(file, decoded.problem.message)
  const { value: text } = decoded
  const blank: RuleFile = { file, text, rules: [], problems: [], plain: false }
  if (!mention.test(text)) {
    const at = oldSyntax.exec(text)?.index
    if (at === undefined) return blank
    const message = 'The rules are written in the syntax of Prometheus 1, which nothing reads any more'
    return { ...blank, problems: [{ message, offset: at, partial: false }] }
  }
  const { text: masked, templated, produced } = maskTemplates(text)
  const source: RuleSource = { text: masked, produced, toFile: (offset) => offset, exact: true }
  const { rules, problems } = readSource(source, file, templated, 0)
  // Its text may mention an alert, and is not YAML.
  if (rules.length === 0 && foreignAlerts(text)) return blank
  return { ...blank, rules, problems, plain: !templated && problems.length === 0 && isPlain(text, rules) }
}

function failed(file: string, message: string): RuleFile {
  return { file, text: '', rules: [], problems: [{ message, offset: 0, partial: false }], plain: false }
}

function readSource(original: RuleSource, file: string, templated: boolean, nesting: number): Reading {
  const first = parse(original.text)
  const joined = joinQuoted(original.text, first.flatMap(errorsOf), (text) => parse(text).flatMap(errorsOf))
  const source = joined === undefined ? original : { ...original, text: joined }
  const documents = joined === undefined ? first : parse(joined)
  const broken = documents.flatMap((document) => document.errors)[0]
  const rules: AlertRule[] = []
  const problems: ReadProblem[] = []
  for (const document of documents) {
    if (broken) continue
    const walked = walk({ document, source }, file)
    rules.push(...walked.rules)
    problems.push(...walked.problems)
    for (const node of walked.embedded) {
      const inner = readEmbedded(node, source, file, templated, nesting)
      rules.push(...inner.rules)
      problems.push(...inner.problems)
    }
  }
  if (!broken) return { rules, problems }
  const saved = salvage(source, file)
  const [message = ''] = broken.message.split('\n')
  const partial = templated && saved.length > 0
  problems.push({
    message: `It is not valid YAML: ${message}`,
    offset: source.toFile(broken.pos[0]),
    partial,
  })
  return { rules: saved, problems }
}

function errorsOf({ errors }: Document): Document['errors'] {
  return errors
}

function parse(text: string): Document[] {
  try {
    return readAllYaml(text, yamlOptions())
  } catch {
    return []
  }
}

/** Text that only looks like a rule file is left alone; a rule file that is broken inside its string is named. */
function readEmbedded(
  node: Node,
  outer: RuleSource,
  file: string,
  templated: boolean,
  nesting: number,
): Reading {
  if (nesting >= maxNesting || !isText(node)) return { rules: [], problems: [] }
  const [from, to] = node.range ?? [0, 0]
  const block = node.type === 'BLOCK_LITERAL'
  const inner = block ? blockSource(node.value, from, to, outer) : stringSource(node.value, from, outer)
  const reading = readSource(inner, file, templated, nesting + 1)
  return reading.rules.length > 0 ? reading : { rules: [], problems: [] }
}

function isPlain(text: string, rules: readonly AlertRule[]): boolean {
  return (
    /^["']?groups["']?:/m.test(text) &&
    !/^(apiVersion|kind):/m.test(text) &&
    rules.every(({ flavor }) => flavor === 'prometheus')
  )
}
