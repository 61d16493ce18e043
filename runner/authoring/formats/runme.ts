import { parseLooseYaml } from '../../model/text/yaml.ts'
import { splitFrontmatter } from '../../model/text/frontmatter.ts'
import { isRecord } from '../../model/values/json.ts'
import { language } from '../../model/steps/languages.ts'
import type { ImportNote } from './draft.ts'
import { fencesOf } from './fence-annotations.ts'
import type { FenceAnnotation, PlainMarkdown } from './fence-annotations.ts'
import { textOfValue } from './source-tree.ts'

const frontmatterOfRunme = /^(?:runme|cwd|shell|skipPrompts|terminalRows)\s*:/m
/** `sh {"name":"deploy"}` and `sh { name=deploy interactive=false }`. */
const annotated = /^([\w+#.-]+)\s*(\{.*\})\s*$/

/** Whether a Markdown text is a notebook of Runme: its frontmatter or a fence says so. */
export function isRunme(text: string): boolean {
  const { yaml = '' } = splitFrontmatter(text)
  return (
    frontmatterOfRunme.test(yaml) ||
    fencesOf(text.split('\n')).some(({ info }) => attributesOf(info) !== undefined)
  )
}

function attributesOf(info: string): { lang: string; values: Record<string, string> } | undefined {
  const [, lang = '', braces = ''] = annotated.exec(info) ?? []
  if (lang === '') return undefined
  if (/^\{\s*"/.test(braces)) {
    try {
      const read: unknown = JSON.parse(braces)
      if (isRecord(read))
        return {
          lang,
          values: Object.fromEntries(Object.entries(read).map(([name, value]) => [name, String(value)])),
        }
    } catch {
      return undefined
    }
  }
  const pairs = [...braces.slice(1, -1).matchAll(/([A-Za-z]\w*)\s*=\s*("[^"]*"|'[^']*'|\S+)/g)]
  if (pairs.length === 0 || !/^\{\s*[A-Za-z]\w*\s*=/.test(braces)) return undefined
  return {
    lang,
    values: Object.fromEntries(
      pairs.map(([, name = '', value = '']) => [name, value.replace(/^(["'])(.*)\1$/, '$2')]),
    ),
  }
}

/** Turns a notebook of Runme into plain Markdown; names, folders and terminals of its cells become those of steps. */
export function plainRunme(text: string): PlainMarkdown {
  const lines = text.split('\n')
  const notes: ImportNote[] = []
  const fences = new Map<number, FenceAnnotation>()
  const folder = ownFolder(text, lines, notes)
  for (const { line, indent, marks, info } of fencesOf(lines)) {
    const read = attributesOf(info)
    const lang = read?.lang ?? info.split(/\s/, 1)[0] ?? ''
    const { name, cwd, interactive, excludeFromRunAll, ignore, ...rest } = read?.values ?? {}
    const isLeft = excludeFromRunAll === 'true' || ignore === 'true'
    if (isLeft && ignore !== 'true')
      notes.push({
        line,
        message: 'a cell with `excludeFromRunAll` was marked `example`: a run has all steps',
      })
    const left = Object.keys(rest)
    if (left.length > 0) notes.push({ line, message: `\`${left.join('`, `')}\` of the cell was left out` })
    if (read) lines[line - 1] = `${indent}${marks}${lang}${isLeft ? ' example' : ''}`
    const own = [folder, cwd].filter((one) => one !== undefined && one !== '').join('/')
    fences.set(line, {
      ...(name === undefined ? {} : { title: name }),
      ...(read && language(lang) !== undefined && !isLeft ? { runs: true } : {}),
      attributes: { ...(own === '' ? {} : { cwd: own }), ...(interactive === 'true' ? { tty: 'true' } : {}) },
    })
  }
  return { text: lines.join('\n'), fences, inputs: {}, notes }
}

/** Takes `cwd` from the frontmatter, which holds for each cell. */
function ownFolder(text: string, lines: string[], notes: ImportNote[]): string | undefined {
  const { yaml } = splitFrontmatter(text)
  if (yaml === undefined) return undefined
  let meta: unknown
  try {
    meta = parseLooseYaml(yaml)
  } catch {
    return undefined
  }
  const at = lines.findIndex((line) => /^cwd\s*:/.test(line))
  const shellAt = lines.findIndex((line) => /^shell\s*:/.test(line))
  const shell = isRecord(meta) ? textOfValue(meta['shell'], 'bash') : 'bash'
  if (shellAt !== -1 && !/(?:^|\/)(?:ba|z)?sh$/.test(shell))
    notes.push({
      line: shellAt + 1,
      message: `the shell \`${shell}\` does not run here: cells for it run in bash`,
    })
  for (const index of [at, shellAt]) if (index !== -1) lines[index] = '#'
  return isRecord(meta) && typeof meta['cwd'] === 'string' ? meta['cwd'] : undefined
}
