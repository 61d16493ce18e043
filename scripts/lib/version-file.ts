import { isScalar, parseDocument } from 'yaml'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'

/** A version within a text, and where it stands. */
interface VersionSpan {
  version: string
  from: number
  to: number
}

/** Tables of a TOML file that hold the version of what the file is about. */
const TABLES = ['', 'project', 'package', 'workspace.package', 'tool.poetry']

/** A file, and where in it the version is: a JSON Pointer after `#`, such as `tauri.conf.json#/package/version`. */
export function fileOf(named: string): { path: string; pointer: string | undefined } {
  const [path = '', pointer] = named.split('#')
  return { path, pointer }
}

/** The version in a file. @throws {CliError} when there is none, or more than one that could be meant */
export function versionIn(named: string, text: string): string {
  return find(named, text).version
}

/** The text with another version, and everything else as it is. @throws {CliError} */
export function withVersion(named: string, text: string, version: string): string {
  const { from, to } = find(named, text)
  return text.slice(0, from) + version + text.slice(to)
}

function find(named: string, text: string): VersionSpan {
  const { path, pointer } = fileOf(named)
  if (pointer !== undefined && !/^(\/[^/]+)+$/.test(pointer))
    throw new CliError(
      exit.usage,
      `Unexpected place \`#${pointer}\` in ${path}: expected a JSON Pointer`,
      `Such as ${path}#/package/version.`,
    )
  const keys = pointer?.slice(1).split('/').map(unescaped)
  const spans = formOf(path)(text, keys)
  if (spans.length === 1 && spans[0] !== undefined) return spans[0]
  throw new CliError(
    exit.failed,
    `${named} has ${spans.length === 0 ? 'no version' : `${spans.length} versions`} where one is expected`,
    'Add one, or say where it is: FILE#/path/to/version.',
  )
}

/** `~1` is a slash in a JSON Pointer, and `~0` a tilde. */
function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}

type Form = (text: string, keys: string[] | undefined) => VersionSpan[]

function formOf(path: string): Form {
  if (path.endsWith('.json')) return inJson
  if (path.endsWith('.toml')) return inToml
  if (path.endsWith('.py')) return (text) => matches(text, /^(__version__\s*=\s*["'])([^"']+)/gm)
  if (/(^|\/)VERSION$/.test(path)) return (text) => matches(text, /^()(\S+)/g)
  throw new CliError(
    exit.usage,
    `The version in ${path} cannot be found: its form is unknown`,
    'Name a .json, .py or .toml file, or VERSION.',
  )
}

/** JSON is YAML, whose reader knows where each value stands. */
function inJson(text: string, keys = ['version']): VersionSpan[] {
  const node: unknown = parseDocument(text).getIn(keys, true)
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return []
  const [start, end] = node.range
  return [{ version: node.value, from: start + 1, to: end - 1 }]
}

function inToml(text: string, keys?: string[]): VersionSpan[] {
  const tables = keys === undefined ? TABLES : [keys.slice(0, -1).join('.')]
  const key = keys?.at(-1) ?? 'version'
  let table = ''
  const lines = [...text.matchAll(/^.*$/gm)]
  return lines.flatMap(({ 0: line, index }) => {
    table = /^\s*\[{1,2}([^\]]+)\]{1,2}/.exec(line)?.[1]?.trim() ?? table
    const [, before = '', name, version] = /^(\s*([\w-]+)\s*=\s*["'])([^"']*)["']/.exec(line) ?? []
    if (version === undefined || name !== key || !tables.includes(table)) return []
    const from = index + before.length
    return [{ version, from, to: from + version.length }]
  })
}

function matches(text: string, pattern: RegExp): VersionSpan[] {
  return [...text.matchAll(pattern)].map(({ 1: before = '', 2: version = '', index }) => {
    const from = index + before.length
    return { version, from, to: from + version.length }
  })
}
