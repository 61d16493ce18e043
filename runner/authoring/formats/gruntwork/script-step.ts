import type { Nodes } from 'mdast'
import { language } from '../../../model/steps/languages.ts'
import type { DraftStep } from '../draft.ts'
import { insertInShell } from '../insert-values.ts'
import { template, note, words, filled } from './work.ts'
import type { Element, Work } from './work.ts'

const blockFields = new Set([
  'id',
  'title',
  'description',
  'command',
  'path',
  'successMessage',
  'failMessage',
  'warnMessage',
  'runningMessage',
  'inputsId',
  'usePty',
])

export function scriptStep(
  node: Element,
  name: 'Check' | 'Command',
  values: Readonly<Record<string, string>>,
  work: Work,
): DraftStep | string {
  const {
    id = name,
    title,
    description,
    command,
    path,
    successMessage,
    failMessage,
    warnMessage,
    usePty,
  } = values
  const script = command ?? (path === undefined ? undefined : work.readFile(path))
  if (script === undefined)
    return path === undefined ? 'it has no script' : `the file \`${path}\` is not there`
  const shebang = /^#!.*?(\w+)\s*$/m.exec(script.split('\n', 1)[0] ?? '')?.[1] ?? 'bash'
  const lang = language(shebang) === undefined ? undefined : shebang
  if (lang === undefined) return `the program \`${shebang}\` does not run here`
  const isShell = language(lang)?.shell === true && lang !== 'pwsh'
  if (!isShell && template.test(script))
    return 'its script contains a template, and a value never becomes part of a script'
  const plainTemplates = [...script.matchAll(template)].every(([, inner = '']) =>
    /^\s*\.(?:inputs\.)?\w+\s*$|^\s*\.outputs\.\w+\.\w+\s*$/.test(inner),
  )
  if (!plainTemplates) return 'its script contains a template with a program in it'
  const code = isShell ? insertInShell(script, template, (inner) => variableFor(inner, node, work)) : script
  if (code === undefined) return 'a template is in a quoted here-document'
  const outputs = outputsOf(id, code, work)
  const left = Object.keys(values).filter((field) => !blockFields.has(field))
  if (left.length > 0) note(work, node, `\`${left.join('`, `')}\` of the block \`${id}\` was left out`)
  if (warnMessage !== undefined)
    note(
      work,
      node,
      `the warning of the block \`${id}\` was left out: an exit code that is not 0 is a failure`,
    )
  if (/\bGENERATED_FILES\b/.test(code))
    note(work, node, `the block \`${id}\` writes to \`$GENERATED_FILES\`, which is not set here`)
  if (/\blog_(?:info|warn|error|debug)\b/.test(code))
    note(work, node, `the block \`${id}\` calls \`log_…\`, which does not exist here`)
  return {
    element: name,
    id: work.names.id(id),
    title: filled(title ?? id.replaceAll('-', ' '), work),
    attributes: {
      ...(outputs.length > 0 ? { outputs: outputs.join(', ') } : {}),
      ...(usePty === 'true' && name === 'Command' ? { tty: 'true' } : {}),
    },
    prose: [
      description,
      successMessage === undefined ? undefined : `When it worked: ${successMessage}`,
      failMessage === undefined ? undefined : `When it failed: ${failMessage}`,
      warnMessage === undefined ? undefined : `When it warns: ${warnMessage}`,
    ].flatMap((one) => (one === undefined ? [] : [words(one, work)])),
    fences: [{ info: lang, code }],
  }
}

function variableFor(inner: string, node: Nodes, work: Work): string {
  const reference = inner.replace(/^\./, '')
  const key = /^(?:inputs|outputs)\./.test(reference) ? reference : `inputs.${reference}`
  const existing = work.variables.get(key)
  if (existing !== undefined) return existing
  const name = work.names.variable(reference.split('.').slice(-1).join('_'))
  work.inputs[name] = { type: 'string', description: `The value of ${reference} in the source.` }
  work.variables.set(key, name)
  note(work, node, `\`${reference}\` is not declared in the document and became the input \`${name}\``)
  return name
}

/** The outputs that the document reads of a block; the script writes them under the same names. */
function outputsOf(id: string, code: string, work: Work): string[] {
  const block = id.replaceAll('-', '_')
  return [...(work.read.get(block) ?? [])].flatMap((name) => {
    if (
      !/^[a-z][a-z0-9_]*$/.test(name) ||
      !new RegExp(`\\b${name}=`).test(code) ||
      Object.hasOwn(work.inputs, name)
    )
      return []
    if ([...work.variables.values()].includes(name)) return []
    work.variables.set(`outputs.${block}.${name}`, name)
    return [work.names.variable(name)]
  })
}
