import { language } from '../../../model/steps/languages.ts'
import { githubTemplate } from './expressions.ts'
import { insertInShell, shellText } from '../insert-values.ts'
import type { SourceTree } from '../source-tree.ts'
import { textOfValue } from '../source-tree.ts'
import { fieldsOf, note, scoped } from './work.ts'
import type { Fields, Path, Work, Job } from './work.ts'

export function runDefaults({ fields }: Job, { value }: SourceTree): Fields {
  return { ...fieldsOf(fieldsOf(value['defaults'])['run']), ...fieldsOf(fieldsOf(fields['defaults'])['run']) }
}

export function scriptOf(
  command: string,
  step: Fields,
  path: Path,
  job: Job,
  work: Work,
): { fence: { info: string; code: string }; attributes: { outputs?: string } } | string {
  const { tree } = work
  const shell = textOfValue(step['shell'] ?? runDefaults(job, tree)['shell'], 'bash').replace(/\s.*$/, '')
  if (language(shell) === undefined) return `the shell \`${shell}\` does not run here`
  const isShell = ['bash', 'sh', 'zsh'].includes(shell)
  const line = tree.lineOf([...path, 'run'])
  const variable = (inner: string): string => work.expressions.variable(scoped(inner, job.name), line)
  const env = { ...fieldsOf(tree.value['env']), ...fieldsOf(job.fields['env']), ...fieldsOf(step['env']) }
  if (!isShell) {
    if (command.search(githubTemplate) !== -1)
      return 'its script contains an expression, and a value never becomes part of a script'
    if (Object.values(env).some((value) => String(value).includes('${{')))
      return 'its environment contains an expression'
  }
  const code = isShell ? insertInShell(command, githubTemplate, variable) : command
  if (code === undefined) return 'an expression is in a quoted here-document'
  const used = Object.entries(env).filter(([name]) => isShell || new RegExp(`\\b${name}\\b`).test(code))
  if (!isShell && used.length > 0) return 'its environment is set by the workflow'
  const outputs = isShell ? outputsOf(step, job, work) : []
  for (const file of ['GITHUB_ENV', 'GITHUB_PATH'])
    if (code.includes(file))
      note(
        work,
        [...path, 'run'],
        `what the script writes to \`$${file}\` reaches no later step: each is a process of its own`,
      )
  const files = ['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY', 'GITHUB_OUTPUT'].filter((file) =>
    code.includes(file),
  )
  const lines = [
    ...used.map(([name, value]) => `export ${name}=${shellText(textParts(textOfValue(value), variable))}`),
    ...files.map((file) => `export ${file}="$(mktemp)"`),
    code.trimEnd(),
    ...outputs.map(
      ({ name, variable: own }) =>
        `echo "${own}=$(sed -n 's/^${name}=//p' "$GITHUB_OUTPUT" | tail -n 1)" >> "$RUNBOOK_OUTPUT"`,
    ),
  ]
  return {
    fence: { info: shell, code: lines.join('\n') },
    attributes: outputs.length > 0 ? { outputs: outputs.map(({ variable: own }) => own).join(', ') } : {},
  }
}

function textParts(
  text: string,
  variable: (inner: string) => string,
): ({ text: string } | { variable: string })[] {
  return text.split(/(\$\{\{[\s\S]*?\}\})/).flatMap((part) => {
    const inner = /^\$\{\{([\s\S]*)\}\}$/.exec(part)?.[1]
    return part === '' ? [] : [inner === undefined ? { text: part } : { variable: variable(inner) }]
  })
}

/** The outputs of a step that the workflow reads. */
function outputsOf(
  step: Fields,
  { name: job, path: jobPath }: Job,
  { tree, names, outputs }: Work,
): { name: string; variable: string }[] {
  const id = step['id']
  if (typeof id !== 'string' || !textOfValue(step['run']).includes('GITHUB_OUTPUT')) return []
  const all = tree.textOf(jobPath)
  const read = new Set(
    [...all.matchAll(new RegExp(`\\bsteps\\.${id}\\.outputs\\.([\\w-]+)`, 'g'))].map(([, name = '']) => name),
  )
  return [...read].flatMap((name) => {
    if (!new RegExp(`\\b${name}=`).test(textOfValue(step['run']))) return []
    const variable = names.variable(`${id}_${name}`)
    outputs.set(`jobs.${job}.${id}.${name}`, variable)
    return [{ name, variable }]
  })
}
