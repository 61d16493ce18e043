import { scanShell } from '../text/shell/shell-text.ts'
import type { Context } from '../text/shell/shell-text.ts'

/** A `<name>` in a script that a person is meant to replace. */
export interface Placeholder {
  /** As written, with its angle brackets. */
  text: string
  /** The name of the input it stands for. */
  name: string
  offset: number
  /** `output` is a line of output that shows a hidden value: no input stands for it. */
  context: Context | 'output'
}

/** Words that stand for a value that was hidden. */
const redacted = /^(?:hidden|masked|omitted|redacted|removed)$/i
/** A line of output, as YAML, JSON and headers have them. No command has a name with a colon behind it. */
const field = /[ \t]*(?:- +)?["']?[\w./-]+["']?:[ \t]/y

const pattern = /<([\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_ ./:|'(),-]{0,58}[\p{L}\p{M}\p{N}_.')])?)>/uy

/** HTML that scripts print or search for, which no author replaces. It is in quotes: a shell would redirect it otherwise. */
const html = new Set(
  'a b body br code div em h1 h2 h3 head hr html i img li nil none null ol p pre script span strong table td tr ul'.split(
    ' ',
  ),
)

/** The placeholders of a script. Text with a closing tag of the same name, such as XML, is none. */
export function findPlaceholders(code: string): Placeholder[] {
  const placeholders: Placeholder[] = []
  if (!code.includes('<')) return placeholders
  let isField = false
  scanShell(code, (at, context) => {
    if (at === 0 || code[at - 1] === '\n') isField = context === 'bare' && beginsField(code, at)
    if (code[at] !== '<' || code[at - 1] === '<' || code[at - 1] === '\\') return undefined
    pattern.lastIndex = at
    const match = pattern.exec(code)
    const inner = match?.[1] ?? ''
    if (!match || isNoPlaceholder(inner, code, context)) return undefined
    const name = inputName(inner)
    const isOutput = isField && redacted.test(inner)
    if (name !== '')
      placeholders.push({ text: match[0], name, offset: at, context: isOutput ? 'output' : context })
    return match[0].length
  })
  return placeholders
}

/** Whether a line begins with the name of a field, and no command goes on in it. */
function beginsField(code: string, at: number): boolean {
  field.lastIndex = at
  return code[at - 2] !== '\\' && field.test(code)
}

function isNoPlaceholder(inner: string, code: string, context: Context): boolean {
  const isHtml = html.has(inner.toLowerCase()) && (context !== 'bare' || inner.length === 1)
  return isHtml || inner.includes('://') || code.includes(`</${inner}>`)
}

/**
 * The name of the input for a placeholder: its words in ASCII. Letters that have no ASCII counterpart are lost, so a
 * checksum tells such placeholders apart.
 */
function inputName(text: string): string {
  const letters = text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
  const words = letters.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')
  const name = /[\p{L}\p{N}]/u.test(letters.replaceAll(/[a-z0-9]/g, ''))
    ? `${words || 'value'}_${checksum(text)}`
    : words
  return /^[0-9]/.test(name) ? `value_${name}` : name
}

/** Four hexadecimal digits of a text (FNV-1a, folded to 16 bits). */
function checksum(text: string): string {
  let sum = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text.normalize('NFC')))
    sum = Math.imul(sum ^ byte, 0x01000193) >>> 0
  return ((sum >>> 16) ^ (sum & 0xffff)).toString(16).padStart(4, '0')
}

/**
 * The script with each placeholder replaced by the variable of its input, quoted for where it stands, so that a
 * value is data there too. `${name:?}` ends the script before the command when there is no value. A placeholder
 * that no variable can stand for (in a quoted here-document, or in output) makes the script refuse to start.
 */
export function fillPlaceholders(code: string, placeholders: readonly Placeholder[]): string {
  let filled = ''
  let last = 0
  for (const { text, name, offset, context } of placeholders) {
    filled += code.slice(last, offset) + quoted(text, name, context)
    last = offset + text.length
  }
  filled += code.slice(last)
  const stuck = placeholders.find(({ context }) => context === 'raw' || context === 'output')
  return stuck
    ? `: "\${RUNBOOK_BY_HAND:?replace ${stuck.text.replaceAll(/[^\w <.>-]/g, ' ')} and run this by hand}"; ${filled}`
    : filled
}

function quoted(text: string, name: string, context: Placeholder['context']): string {
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
