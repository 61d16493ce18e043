import { globSync, statSync } from 'node:fs'
import { basename, matchesGlob, normalize, relative, resolve, sep } from 'node:path'
import { readRuleFile } from './read/read-rules.ts'
import type { RuleFile } from './rule.ts'
import { filesBelow } from '../files-below.ts'
import { bytesOf, existingFile } from '../regular-file.ts'
import { replaceFile } from '../write-whole.ts'

const ruleName =
  /\.(ya?ml|json|rules?)(\.(tpl|tmpl|gotmpl|j2|jinja2?|erb|template|dist|example|sample|in))?$|\.tpl$/i
const skipped = /^(node_modules|\..*)$/

export interface RuleFiles {
  files: RuleFile[]
  /** A requested path that does not exist, or contains no file with the name of a rule file. */
  missing: string[]
}

/** The problem of one of those, and a hint. */
export function missingWords(name: string, cwd: string): { message: string; hint: string } {
  return kindOf(resolve(cwd, name)) === 'folder'
    ? {
        message: 'There is no rule file in this folder',
        hint: 'Rules are in .yml, .yaml, .rules or .json files.',
      }
    : { message: 'There is no such file', hint: 'Correct the path or the glob.' }
}

/** The paths of the rule files of files, folders and globs, each once, in a stable order. */
export function rulePaths(wanted: readonly string[], cwd: string): { paths: string[]; missing: string[] } {
  const paths = new Set<string>()
  const missing: string[] = []
  for (const one of wanted) {
    const matches = expand(one, cwd)
    if (matches.length === 0) missing.push(one)
    for (const path of matches) paths.add(path)
  }
  return { paths: [...paths], missing }
}

/** Reads the rule files of files, folders and globs. */
export function readRuleFiles(wanted: readonly string[], cwd: string): RuleFiles {
  const { paths, missing } = rulePaths(wanted, cwd)
  return { files: paths.map((path) => readRulePath(path, cwd)), missing }
}

/** The files and folders in which a change may be one of the rules: of a glob, the folder before its first pattern. */
export function rulePlaces(wanted: readonly string[], cwd: string): string[] {
  return wanted.map((one) => {
    if (kindOf(resolve(cwd, one)) !== undefined) return resolve(cwd, one)
    const parts = one.split('/')
    const first = parts.findIndex((part) => /[*?[{(]/.test(part))
    return resolve(cwd, first === -1 ? one : parts.slice(0, first).join('/'))
  })
}

/** Whether a file, which may be gone, is one of the rules of these files, folders and globs. */
export function isRulePath(path: string, wanted: readonly string[], cwd: string): boolean {
  return wanted.some((one) => {
    const place = resolve(cwd, one)
    if (path === place || matchesGlob(relative(cwd, path), normalize(one))) return true
    const parts = relative(place, path).split(sep)
    return parts[0] !== '..' && ruleName.test(path) && !parts.some((part) => skipped.test(part))
  })
}

export function readRulePath(path: string, cwd: string): RuleFile {
  const inside = relative(cwd, path).split(sep).join('/')
  const file = inside.startsWith('../../') ? path : inside
  const read = existingFile(path)
  if (read.ok) return readRuleFile(file, read.value)
  const message = `The file ${read.problem.message}`
  return { file, text: '', rules: [], problems: [{ message, offset: 0, partial: false }], plain: false }
}

export function expand(wanted: string, cwd: string): string[] {
  const path = resolve(cwd, wanted)
  const kind = kindOf(path)
  if (kind === 'file') return [path]
  if (kind === 'folder') return ruleFilesBelow(path)
  return globSync(wanted, { cwd })
    .map((name) => resolve(cwd, name))
    .filter((name) => kindOf(name) === 'file')
    .toSorted()
}

function ruleFilesBelow(folder: string): string[] {
  return filesBelow(folder, (name) => skipped.test(name)).filter(
    (path) => ruleName.test(path) && !skipped.test(basename(path)),
  )
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats?.isDirectory() === true ? 'folder' : stats ? 'file' : undefined
}

/** Puts a changed text back, with the byte order mark the file had. False when the file is not plain UTF-8. */
export function writeBack(file: RuleFile, text: string, cwd: string): boolean {
  const path = resolve(cwd, file.file)
  const bytes = bytesOf(path)
  const mark = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? '\uFEFF' : ''
  if (!Buffer.from(mark + file.text).equals(bytes)) return false
  replaceFile(path, mark + text)
  return true
}
