import { nameIn, plain } from './plain-word.ts'

export type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

/** A word for a POSIX shell: as it is when nothing in it means anything, else in single quotes. */
export function shellWord(text: string): string {
  return plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** The value of a field, several choices joined by commas; empty while it does not fit its type. */
export function valueOf(field: Field): string {
  if (!field.validity.valid) return ''
  return 'selectedOptions' in field
    ? [...field.selectedOptions].map(({ value }) => value).join()
    : field.value
}

/** Shows the values wherever the names of their inputs stand. */
export function fill(form: HTMLFormElement): void {
  const marks = Map.groupBy(document.querySelectorAll('var'), (mark) => mark.closest('code') ?? mark)
  for (const [holder, names] of marks) fillOne(holder, names, form.elements)
}

/**
 * A value takes the place of its name only when no shell could read anything into it. Any other value goes into a
 * quoted assignment above, and the command keeps its `$name`: what is copied can be pasted whoever wrote the link.
 */
function fillOne(holder: Element, marks: HTMLElement[], fields: HTMLFormControlsCollection): void {
  const assigned = new Set<string>()
  for (const mark of marks) {
    const text = (mark.dataset['as'] ??= mark.textContent)
    const name = nameIn(text)
    const field = fields.namedItem(name) as Field | null
    const value = field ? valueOf(field) : ''
    // Templates stand where no shell reads.
    const shell = holder !== mark && !text.startsWith('${{')
    const inPlace = value !== '' && (!shell || plain.test(value))
    if (value !== '' && !inPlace) assigned.add(`${name}=${shellWord(value)}\n`)
    const shown = 'url' in mark.dataset ? encodeURIComponent(value) : value
    mark.textContent = inPlace ? shown : text
    mark.classList.toggle('filled', inPlace)
  }
  assign(holder, [...assigned].join(''))
}

function assign(command: Element, text: string): void {
  let line = command.querySelector('.assign')
  if (!line && text === '') return
  if (!line) {
    line = document.createElement('span')
    line.className = 'assign'
    command.prepend(line)
  }
  line.textContent = text
}
