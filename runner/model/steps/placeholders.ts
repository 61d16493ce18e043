import { scanShell } from '../text/shell/shell-text.ts'
import type { Context } from '../text/shell/shell-text.ts'

/** A `<name>` in a script that a person is meant to replace. */
export interface Placeholder {
  /** As written, with its angle brackets. */
  text: string
  /** The name of the input it stands for. */
  name: string
  offset: number
  context: Context
}

const pattern = /<([A-Za-z0-9_](?:[\w ./:|'-]{0,58}[\w.'])?)>/y

/** HTML that scripts print or search for; nobody replaces these. */
const html = new Set(
  'a b body br code div em h1 h2 h3 head hr html i img li nil none null ol p pre script span strong table td tr ul'.split(
    ' ',
  ),
)

/** The placeholders of a script. Text with a closing tag of the same name, such as XML, is none. */
export function findPlaceholders(code: string): Placeholder[] {
  const placeholders: Placeholder[] = []
  if (!code.includes('<')) return placeholders
  scanShell(code, (at, context) => {
    if (code[at] !== '<' || code[at - 1] === '<' || code[at - 1] === '\\') return undefined
    pattern.lastIndex = at
    const match = pattern.exec(code)
    const inner = match?.[1] ?? ''
    if (!match || isNoPlaceholder(inner, code)) return undefined
    const name = inputName(inner)
    if (name !== '') placeholders.push({ text: match[0], name, offset: at, context })
    return match[0].length
  })
  return placeholders
}

function isNoPlaceholder(inner: string, code: string): boolean {
  return html.has(inner.toLowerCase()) || inner.includes('://') || code.includes(`</${inner}>`)
}

function inputName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return /^[0-9]/.test(name) ? `value_${name}` : name
}

/**
 * The script with each placeholder replaced by the variable of its input, quoted for where it stands, so that a
 * value is data there too. `${name:?}` ends the script before the command when there is no value. A placeholder
 * that no variable can stand for (in a quoted here-document) makes the script refuse to start.
 */
export function fillPlaceholders(code: string, placeholders: readonly Placeholder[]): string {
  let filled = ''
  let last = 0
  for (const { text, name, offset, context } of placeholders) {
    filled += code.slice(last, offset) + quoted(text, name, context)
    last = offset + text.length
  }
  filled += code.slice(last)
  const stuck = placeholders.find(({ context }) => context === 'raw')
  return stuck
    ? `: "\${RUNBOOK_BY_HAND:?replace ${stuck.text.replaceAll(/[^\w <.>-]/g, ' ')} and run this by hand}"; ${filled}`
    : filled
}

function quoted(text: string, name: string, context: Context): string {
  const variable = `\${${name}:?}`
  switch (context) {
    case 'bare':
      return `"${variable}"`
    case 'single':
      return `'"${variable}"'`
    case 'ansi':
      return `'"${variable}"$'`
    case 'double':
    case 'heredoc':
      return variable
    default:
      return text
  }
}
