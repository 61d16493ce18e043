import type { Field } from './values.ts'

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A word for a POSIX shell: as it is when nothing in it means anything, else in single quotes. */
export function shellWord(text: string): string {
  return plain.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** Shows the values wherever their names stand. */
export function fill(fields: readonly Field[]): void {
  const values = new Map(fields.map(({ name, element }) => [name, element.value]))
  for (const command of document.querySelectorAll<HTMLElement>('.command')) fillCommand(command, values)
  const given = fields.filter(
    ({ element }) => element.value !== '' && element.value !== element.dataset['default'],
  )
  const flags = fields.flatMap(({ name, element }) => flagOf(name, element))
  const apart = flags.length > 1 ? ' \\\n  ' : ' '
  for (const line of document.querySelectorAll<HTMLElement>('[data-terminal]')) {
    if (fields.length > 0) line.textContent = [line.dataset['terminal'], ...flags].join(apart)
  }
  const summary = document.querySelector('[data-given]')
  if (summary && given.length > 0)
    summary.textContent = given.map(({ name, element }) => `${name} ${element.value}`).join(' · ')
}

/** What the terminal needs to be told: a value that is not the default, and the place of one that is missing. */
function flagOf(name: string, { value, required, dataset }: Field['element']): string[] {
  if (value === '') return required ? [`-i ${name}=…`] : []
  return value === dataset['default'] ? [] : [`-i ${shellWord(`${name}=${value}`)}`]
}

/**
 * A value takes the place of its name only when no shell could read anything into it. Any other value goes into a
 * quoted assignment above, and the command keeps its `$name`: what is copied can be pasted whoever wrote the link.
 */
function fillCommand(command: HTMLElement, values: ReadonlyMap<string, string>): void {
  const shell = command.dataset['shell'] !== undefined
  const assigned = new Map<string, string>()
  for (const mark of command.querySelectorAll<HTMLElement>('[data-in]')) {
    const name = mark.dataset['in'] ?? ''
    const value = values.get(name) ?? ''
    mark.dataset['as'] ??= mark.textContent
    const inPlace = value !== '' && (!shell || plain.test(value))
    if (value !== '' && !inPlace) assigned.set(name, value)
    const text = mark.dataset['url'] === undefined ? value : encodeURIComponent(value)
    mark.textContent = inPlace ? text : mark.dataset['as']
    mark.classList.toggle('filled', inPlace)
  }
  assign(command, [...assigned].map(([name, value]) => `${name}=${shellWord(value)}\n`).join(''))
}

function assign(command: HTMLElement, text: string): void {
  const code = command.querySelector('code')
  let line = code?.querySelector<HTMLElement>('.assign')
  if (!line && text !== '') {
    line = document.createElement('span')
    line.className = 'assign'
    code?.prepend(line)
  }
  if (line) line.textContent = text
}
