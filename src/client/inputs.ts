// Values of a link and of the form: loaded when the address has values, or when somebody turns to the form. Written
// to `inputs.js` at the root of the site.
import { fillInputs, inputFor, parseLink } from '../../runner/alerts/link.ts'
import type { InputNames } from '../../runner/alerts/link.ts'
import { fill, shellWord, valueOf } from './runbook/fill-values.ts'
import type { Field } from './runbook/fill-values.ts'
import './inputs.css'
import { addStyle } from './add-style.ts'
import { tellSending } from './tell-sending.ts'

type Row = [name: string, value: string, why?: string]

/** Characters that do not show, or that turn the order of others around. A text may contain a line break. */
const hidden = /[\p{Cf}\u2028\u2029]|(?![\n\t])\p{Cc}/u

/** Longest value of a link that is held against the pattern of its input, in characters. */
const mostMatched = 300

const otherType = 'It is not a value of this type.'

/** Takes the values of the address into the form, shows what no input takes, and follows what is typed. */
export function takeInputs(form: HTMLFormElement | null): void {
  addStyle('inputs')
  const inputs = form ? namesOf(form) : {}
  const { params, anchor, repaired } = parseLink(location.href)
  const { values, context } = fillInputs(inputs, params)
  const isSecret = ([name]: [string, string]): boolean =>
    inputs[inputFor(inputs, name) ?? '']?.type === 'secret'
  const leaked = params.filter(isSecret).map(([name]) => name)
  const refused = form ? takeValues(form, values) : []
  if (repaired || leaked.length > 0)
    mend(
      params.filter((one) => !isSecret(one)),
      anchor,
      repaired,
    )
  if (leaked.length > 0) warn(leaked)
  const taken = Object.keys(values).filter((name) => !refused.some(([other]) => other === name))
  sayTaken(taken, [...refused, ...context])
  if (!form) return
  const update = (): void => {
    fill(form)
    showFlags(form)
  }
  const typed = (): void => {
    for (const field of fieldsOf(form)) check(field)
    update()
    putIntoAddress(form, inputs)
  }
  form.addEventListener('input', typed)
  // Only a server takes the form; a published page fills its commands in.
  if (form.hasAttribute('action')) tellSending()
  else form.addEventListener('submit', (event) => event.preventDefault())
  const begin = form.querySelector<HTMLSelectElement>('[data-from]')
  if (begin && [...begin.options].some(({ value }) => value === anchor)) begin.value = anchor
  if (form.contains(document.activeElement)) typed()
  else update()
}

function fieldsOf(form: HTMLFormElement): Field[] {
  // A name that begins with ~ is not that of an input: it belongs to the form itself.
  return [...form.querySelectorAll<Field>('[name]:not([name^="~"])')]
}

/** Each input with the names a link may use for it. */
function namesOf(form: HTMLFormElement): Record<string, InputNames> {
  const others = JSON.parse(form.dataset['inputs'] ?? '{}') as Record<string, InputNames>
  return { ...Object.fromEntries(fieldsOf(form).map(({ name }) => [name, {}])), ...others }
}

function defaultOf(field: Field): string {
  const given = field.dataset['default']
  if (given !== undefined) return given
  return 'options' in field
    ? [...field.options].flatMap(({ defaultSelected, value }) => (defaultSelected ? [value] : [])).join()
    : field.defaultValue
}

/** The values are text from anywhere: they are shown, checked by the field's type, and never run. */
function takeValues(form: HTMLFormElement, values: Record<string, string>): Row[] {
  const refused: Row[] = []
  for (const field of fieldsOf(form)) {
    const value = values[field.name]
    if (value === undefined) continue
    // A pattern takes a time that grows faster than the text.
    if (value.length > mostMatched) field.removeAttribute('pattern')
    setValue(field, value)
    // A value of a link is never out of sight.
    field.closest('details')?.setAttribute('open', '')
    check(field, value)
    const { valid, patternMismatch } = field.validity
    if (!valid) refused.push([field.name, value, patternMismatch ? otherType : field.validationMessage])
  }
  return refused
}

function setValue(field: Field, value: string): void {
  if (!(field instanceof HTMLSelectElement)) {
    field.value = value
    return
  }
  const chosen = field.multiple ? value.split(',') : [value]
  for (const one of chosen) {
    if ([...field.options].some((option) => option.value === one)) continue
    const foreign = new Option(one, one)
    foreign.dataset['foreign'] = ''
    field.add(foreign)
  }
  for (const option of field.options) option.selected = chosen.includes(option.value)
}

/** A browser drops what a field of numbers or dates cannot hold: `given` is what was asked of it. */
function check(field: Field, given = field.value): void {
  const foreign = 'selectedOptions' in field && [...field.selectedOptions].some(isForeign)
  const lost = !('selectedOptions' in field) && field.value.replaceAll('\r\n', '\n') !== given
  field.setCustomValidity(
    hidden.test(given)
      ? 'It holds characters that do not show.'
      : foreign
        ? 'It is not one of the choices.'
        : lost
          ? otherType
          : '',
  )
  if (field.validity.valid) field.removeAttribute('aria-invalid')
  else if (given !== '') field.setAttribute('aria-invalid', 'true')
}

function isForeign({ dataset }: HTMLOptionElement): boolean {
  return 'foreign' in dataset
}

/** A secret leaves the address; a query that a template put behind the fragment takes its place before it. */
function mend(params: [string, string][], anchor: string, repaired: boolean): void {
  const url = new URL(location.href)
  url.search = new URLSearchParams(params).toString()
  url.hash = anchor
  history.replaceState(null, '', url)
  if (repaired) location.replace(url.hash)
}

/** Puts the values into the address, so that it can be shared; what else it says is kept. */
function putIntoAddress(form: HTMLFormElement, inputs: Record<string, InputNames>): void {
  const url = new URL(location.href)
  for (const key of Array.from(url.searchParams.keys()))
    if (inputFor(inputs, key) !== undefined) url.searchParams.delete(key)
  for (const field of fieldsOf(form)) {
    const value = valueOf(field)
    if (value !== '' && value !== defaultOf(field)) url.searchParams.set(field.name, value)
  }
  history.replaceState(null, '', url)
}

/** The options for the terminal: values that differ from the default, and placeholders for missing ones. */
function showFlags(form: HTMLFormElement): void {
  const flags = fieldsOf(form).flatMap((field) => {
    const value = valueOf(field)
    if (value === defaultOf(field)) return field.required && value === '' ? [`-i ${field.name}=…`] : []
    // A value that begins with @ would be read as the name of a file.
    const isPlain = value !== '' && !value.startsWith('@')
    return [`-i ${isPlain ? shellWord(`${field.name}=${value}`) : `${field.name}=…`}`]
  })
  for (const place of document.querySelectorAll('[data-flags]')) {
    const isApart = flags.length > 1 && place.closest('pre') !== null
    place.replaceChildren(
      ...flags.flatMap((flag) => (isApart ? [' \\\n', wholeFlag(`  ${flag}`)] : [' ', wholeFlag(flag)])),
    )
  }
  const summary = form.querySelector('[data-given]')
  const folded = fieldsOf(form).filter((field) => summary?.closest('details')?.contains(field))
  if (summary) summary.textContent = folded.map(nameOf).join(', ')
}

/** A flag that is beside its value wherever a line has room for both. */
function wholeFlag(flag: string): HTMLElement {
  const whole = document.createElement('span')
  whole.className = 'option long'
  whole.textContent = flag
  return whole
}

/** The name of an input, with its value when that is not the default. */
function nameOf(field: Field): string {
  const value = valueOf(field)
  return value === defaultOf(field) ? field.name : `${field.name} ${value}`
}

function warn(leaked: string[]): void {
  const note = document.createElement('p')
  note.className = 'note'
  note.setAttribute('role', 'alert')
  note.textContent = `The link carried the secret ${leaked.join(', ')}. It was taken out of the address; treat it as known to others.`
  document.querySelector('.prose')?.prepend(note)
}

/** Says what came from the link, and lists what did not find a place: for reading, as text, whatever it holds. */
function sayTaken(names: string[], rows: Row[]): void {
  if (names.length + rows.length === 0) return
  const box = document.createElement('div')
  box.className = 'from-link'
  box.setAttribute('role', 'note')
  const said = document.createElement('p')
  said.textContent = names.length > 0 ? `Filled in from the link: ${names.join(', ')}.` : 'The link says:'
  const list = document.createElement('dl')
  list.className = 'facts'
  for (const [name, value, why] of rows) {
    const row = document.createElement('div')
    for (const [tag, text] of [
      ['dt', visible(name)],
      ['dd', visible(value)],
    ] as const)
      row.appendChild(document.createElement(tag)).textContent = text
    if (why !== undefined)
      row.appendChild(document.createElement('dd')).textContent = ` Not filled in: ${why}`
    list.append(row)
  }
  box.append(said, ...(rows.length > 0 ? [list] : []))
  document.querySelector('.prose')?.prepend(box)
}

function visible(text: string): string {
  return text.replaceAll(
    new RegExp(hidden, 'gu'),
    (char) => String.raw`\u{${char.codePointAt(0)?.toString(16)}}`,
  )
}
