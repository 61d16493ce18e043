import type { Code, Nodes, Parent } from 'mdast'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import { looseYamlTemplates } from '../values/encode.ts'
import type { FenceSpec, KindSpec } from './kind-spec.ts'
import { language, scriptLanguages } from './languages.ts'
import { findPlaceholders } from './placeholders.ts'
import { placeOf, placeWithin } from '../text/place.ts'
import type { Fence, Task } from '../runbook.ts'
import { promptOf } from '../text/shell/session.ts'
import { suggest } from '../suggest.ts'
import { readTasks, taskProblems } from './tasks.ts'
import { hasTemplate } from '../values/template.ts'
import { ownDescendants } from '../text/tree.ts'

/** Roles a fence may name after its language, and the words that may follow. */
const roles: Record<string, readonly string[]> = { done: [], undo: ['always'], dry: [], example: [] }

export interface Body {
  fences: Fence[]
  tasks: Task[]
  prose: string
  diagnostics: Diagnostic[]
}

/** Scripts of a document saved on Windows run too: a shell takes a carriage return for a character. */
export function unixLines(code: string): string {
  return code.replaceAll(/\r\n?/g, '\n')
}

/** Reads the content of a step element. `source` is the text of the whole document. */
export function readBody(element: Parent, kind: KindSpec, name: string, at: Place, source: string): Body {
  const file = at.file
  const diagnostics: Diagnostic[] = []
  const fences: Fence[] = []
  for (const node of ownDescendants(element, 'code')) {
    const read = readFence(node, kind, name, file, source)
    if ('problem' in read) diagnostics.push(read.problem)
    else if (read.fence.role !== 'example') fences.push(read.fence)
  }
  if (diagnostics.length === 0) diagnostics.push(...requiredFences(fences, kind, name, at))
  diagnostics.push(...repeatedFences(fences, name))
  if (kind.body.tasks === 'required') diagnostics.push(...taskProblems(element, name, at))
  return { fences, tasks: readTasks(element, file), prose: proseOf(element, source), diagnostics }
}

function readFence(
  node: Code,
  kind: KindSpec,
  name: string,
  file: string,
  source: string,
): { fence: Fence } | { problem: Diagnostic } {
  const place = placeOf(node, file)
  const lang = (node.lang ?? '').toLowerCase()
  const [first, ...rest] = (node.meta ?? '').split(/\s+/).filter((word) => word !== '')
  const role = first ?? 'main'
  const flags = first === undefined ? undefined : roles[first]
  if (first !== undefined && (!flags || rest.some((word) => !flags.includes(word)))) {
    return { problem: unknownRole(node.meta ?? '', first, place) }
  }
  if (role !== 'example') {
    const problem = misplacedFence(role, lang, node.value, kind, name, place)
    if (problem) return { problem }
  }
  return {
    fence: { role, lang, flags: rest, code: unixLines(node.value), place: codePlace(node, file, source) },
  }
}

function unknownRole(meta: string, first: string, place: Place): Diagnostic {
  const near = suggest(first, Object.keys(roles))
  return diagnostic(
    'invalid-body',
    place,
    `Unexpected \`${meta}\` after the language of a fence, expected done, undo, dry or example`,
    {
      hint: near
        ? `Did you mean \`${near}\`?`
        : 'Remove it, or mark the fence `example` if it is not meant to run.',
    },
  )
}

function misplacedFence(
  role: string,
  lang: string,
  code: string,
  kind: KindSpec,
  name: string,
  place: Place,
): Diagnostic | undefined {
  const spec = kind.body.fences.find((candidate) => candidate.role === role)
  if (!spec) {
    const what = role === 'main' ? `\`${lang || 'code'}\` fence` : `\`${role}\` fence`
    return diagnostic(
      'invalid-body',
      place,
      `Unexpected ${what} in <${name}>, expected ${expectedFences(kind)}`,
      {
        hint: 'Mark it `example` if it is only to be read.',
      },
    )
  }
  const allowed = spec.languages === 'script' ? scriptLanguages : spec.languages
  if (!allowed.includes(lang) && !(spec.languages === 'script' && code.startsWith('#!'))) {
    const near = /^(console|shell-?session|terminal)$/.test(lang) ? 'bash' : suggest(lang, allowed)
    return diagnostic(
      'invalid-body',
      place,
      `Unexpected fence language \`${lang}\` in <${name}>, expected ${allowed.join(', ')}`,
      {
        hint: near
          ? `Did you mean \`${near}\`?`
          : 'Name a language after the backticks, or mark the fence `example`.',
      },
    )
  }
  const loose = lang === 'yaml' ? looseYamlTemplates(unixLines(code))[0] : undefined
  if (loose !== undefined) return looseTemplate(unixLines(code), loose, place)
  return spec.languages === 'script' ? scriptProblem(lang, unixLines(code), place) : undefined
}

/** Text that a script may not contain, because it would do something else than its author meant. */
function scriptProblem(lang: string, code: string, place: Place): Diagnostic | undefined {
  if (hasTemplate(code)) return templateInScript(lang, code, place)
  if (code.split('\n').every((line) => /^\s*(#(?!!)|$)/.test(line))) {
    return diagnostic(
      'invalid-body',
      place,
      'Unexpected script without a command, it would pass and do nothing',
      {
        hint: 'Write what the step does, or leave the step out until it does something.',
      },
    )
  }
  if (!language(lang)?.shell) return undefined
  const script = code.trimStart()
  const prompt = promptOf(script.split('\n', 1)[0] ?? '')
  if (prompt !== undefined) {
    return diagnostic(
      'prompt-in-script',
      inCode(place, code, code.length - script.length, prompt.length),
      `Unexpected prompt \`${prompt}\` at the start of a script, expected commands only`,
      {
        hint: 'Remove the prompt, and the output if there is some.',
      },
    )
  }
  const bare = lang.startsWith('p')
    ? undefined
    : findPlaceholders(code).find(({ context }) => context === 'bare' || context === 'output')
  if (!bare) return undefined
  return diagnostic(
    'placeholder-in-script',
    inCode(place, code, bare.offset, bare.text.length),
    `Unexpected placeholder \`${bare.text}\` in a script, a shell reads it as a redirection`,
    {
      hint:
        bare.context === 'output'
          ? 'Move the output into a fence of `text`.'
          : `Declare an input \`${bare.name}\` in the frontmatter and write "$${bare.name}".`,
    },
  )
}

/** The place of a part of a fence's code; `place` is where its backticks stand. */
function inCode(place: Place, code: string, offset: number, length: number): Place {
  return placeWithin({ ...place, line: place.line + 1 }, code, offset, length)
}

function looseTemplate(code: string, offset: number, place: Place): Diagnostic {
  return diagnostic(
    'invalid-body',
    inCode(place, code, offset, 3),
    'Unexpected template inside an unquoted YAML value, expected quotes around it',
    {
      hint: "Put the whole value in single quotes: '…${{ inputs.x }}…'.",
    },
  )
}

function templateInScript(lang: string, code: string, place: Place): Diagnostic {
  const [whole, scope, name] = /\$\{\{\s*(?:(\w+)\.)?(\w*)[^}]*\}\}/.exec(code) ?? ['${{ … }}', '', 'x']
  const variable =
    scope === 'run' ? `RUNBOOK_${name === 'id' ? 'RUN_ID' : name?.toUpperCase()}` : (name ?? '')
  return diagnostic(
    'template-in-shell',
    inCode(place, code, code.indexOf(whole), whole.length),
    `Unexpected template \`${whole}\` in a script`,
    {
      hint: `Write \`${readingOf(variable, lang)}\`: values reach a script as environment variables.`,
    },
  )
}

/** How a script reads an environment variable. */
function readingOf(variable: string, lang: string): string {
  switch (language(lang)?.command[0]) {
    case 'node':
      return `process.env.${variable}`
    case 'python3':
      return `os.environ["${variable}"]`
    case 'pwsh':
      return `$env:${variable}`
    default:
      return `"$${variable}"`
  }
}

function expectedFences(kind: KindSpec): string {
  const names = kind.body.fences.map((spec) =>
    spec.role === 'main'
      ? spec.languages === 'script'
        ? 'a script'
        : `\`${spec.languages.join('` or `')}\``
      : spec.role,
  )
  return names.length > 0 ? names.join(', ') : 'no code'
}

function requiredFences(fences: readonly Fence[], kind: KindSpec, name: string, at: Place): Diagnostic[] {
  return kind.body.fences
    .filter((spec) => spec.required && !fences.some((fence) => fence.role === spec.role))
    .map((spec) => missingFence(spec, name, at))
}

function missingFence(spec: FenceSpec, name: string, at: Place): Diagnostic {
  const lang = spec.languages === 'script' ? 'bash' : (spec.languages[0] ?? '')
  return diagnostic('invalid-body', at, `Unexpected <${name}> without a \`${lang}\` fence, expected one`, {
    hint: `Add a fence that begins with \`\`\`${lang} between the tags.`,
  })
}

function repeatedFences(fences: readonly Fence[], name: string): Diagnostic[] {
  return fences.flatMap((fence, index) => {
    const first = fences.findIndex((other) => other.role === fence.role)
    if (first === index) return []
    return [
      diagnostic(
        'invalid-body',
        fence.place,
        `Unexpected second \`${fence.role}\` fence in <${name}>, expected one`,
        {
          hint: 'Make it a step of its own, or mark it `example`.',
          notes: [{ message: 'the first one', place: fences[first]?.place ?? fence.place }],
        },
      ),
    ]
  })
}

/** A fenced block starts on the line after its backticks; an indented one where it stands. */
export function codePlace(node: Code, file: string, source: string): Place {
  const place = placeOf(node, file)
  const offset = node.position?.start.offset ?? 0
  const fenced = /^(`{3,}|~{3,})/.test(source.slice(offset, offset + 3))
  return fenced
    ? { file, line: place.line + 1, column: place.column }
    : { file, line: place.line, column: place.column }
}

function proseOf(element: Parent, source: string): string {
  return (element.children as Nodes[])
    .filter((child) => child.type !== 'code' && !isTaskList(child))
    .map((child) => source.slice(child.position?.start.offset ?? 0, child.position?.end.offset ?? 0))
    .join('\n\n')
    .trim()
}

function isTaskList(node: Nodes): boolean {
  return node.type === 'list' && node.children.some((item) => typeof item.checked === 'boolean')
}
