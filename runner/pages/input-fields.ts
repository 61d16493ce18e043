import { suitsBacktracking } from '../model/values/pattern.ts'
import { isRequired } from '../model/values/read-input.ts'
import type { InputSpec, InputType } from '../model/values/input-types.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import { sentence } from './page-text.ts'

export type NamedInputs = readonly (readonly [name: string, spec: InputSpec])[]

/** The values of the fields, and how secrets are treated. */
export interface FieldValues {
  values: Readonly<Record<string, string>>
  /** Names whose values came from a link. */
  fromLink: ReadonlySet<string>
  /** `typed`: a form over loopback takes them into memory. `never`: a published page does not ask for them. */
  secrets: 'typed' | 'never'
}

const empty: FieldValues = { values: {}, fromLink: new Set(), secrets: 'never' }

/** Most inputs that are shown without a fold. */
const mostOpen = 3

/**
 * The fields of inputs. Those that a reader must fill in or read are open: the required ones, and those with a value of
 * a link. The others have a default and are folded, unless there are few of them.
 */
export function inputFields(inputs: NamedInputs, filled: FieldValues = empty): Markup {
  const isOpen = ([name, spec]: NamedInputs[number]): boolean =>
    inputs.length <= mostOpen || isRequired(spec) || filled.fromLink.has(name)
  const [open, folded] = [inputs.filter(isOpen), inputs.filter((one) => !isOpen(one))]
  const names = folded.map(([name]) => name).join(', ')
  return html`${open.length > 0 && html`<div class="fields">${fieldsOf(open, filled)}</div>`}${
    folded.length > 0 &&
    html`<details class="aside others">
      <summary>
        ${open.length > 0 ? `${folded.length} optional` : 'Inputs, all optional'}
        <span class="muted" data-given>${names}</span>
      </summary>
      <div class="fields">${fieldsOf(folded, filled)}</div>
    </details>`
  }`
}

/** Fields, each with the control of its type and its hint. */
function fieldsOf(inputs: NamedInputs, filled: FieldValues): Markup {
  return html`${inputs.map(
    ([name, spec]) =>
      html`<div>
        ${spec.type === 'secret' && filled.secrets === 'never' ? secretHint(name) : labelled(name, spec, filled)}
        ${spec.description !== undefined && html`<p class="hint">${sentence(spec.description)}</p>`}
      </div>`,
  )}`
}

/** Other names a link may use, and which are secret: facts that a reader of links cannot see in the fields. */
export function inputNames(inputs: NamedInputs): string {
  return JSON.stringify(
    Object.fromEntries(
      inputs
        .filter(([, { aliases, fromLabel, type }]) => aliases ?? fromLabel ?? type === 'secret')
        .map(([name, { aliases, fromLabel, type }]) => [
          name,
          { aliases, fromLabel, ...(type === 'secret' ? { type } : {}) },
        ]),
    ),
  )
}

function secretHint(name: string): Markup {
  return html`<p>
    <b>${name}</b> Secret: never typed here. In your terminal:
    <code>read -rs ${name} && export ${name}</code>
  </p>`
}

function labelled(name: string, spec: InputSpec, { values, fromLink }: FieldValues): Markup {
  const optional = !isRequired(spec) && spec.default === undefined
  return html`<label
    >${name}${optional && html` <small>optional</small>`}${fromLink.has(name) && html` <small class="from-link">from the link</small>`}
    ${inputControl(name, spec, values[name])}</label
  >`
}

/** The control of one input or field: what a browser can hold back, it does; the runner judges again. */
export function inputControl(name: string, spec: InputSpec, value?: string): Markup {
  const fallback = spec.default === undefined ? undefined : String(spec.default)
  const text = value ?? fallback
  const required = isRequired(spec) && html` required`
  // The commands of the page name each value that is not the default.
  const given = value !== undefined && attribute('data-default', fallback ?? '')
  const choices = spec.type === 'boolean' ? ['true', 'false'] : spec.options
  if (choices) {
    const isMany = spec.type === 'multichoice'
    const chosen = text?.split(',') ?? []
    return html`<select name="${name}" ${required} ${given} ${isMany && html` multiple`}>
      ${text === undefined && !isMany && html`<option value=""></option>`}
      ${choices.map((option) => html`<option ${chosen.includes(option) && html` selected`}>${option}</option>`)}
    </select>`
  }
  if (spec.type === 'text')
    return html`<textarea name="${name}" ${required} ${given} rows="3">${text}</textarea>`
  const pattern = patternOf(spec)
  return html`<input
    name="${name}"
    ${required}
    ${given}
    ${attribute('type', types[spec.type])}
    ${attribute('value', text === '' ? undefined : text)}
    ${attribute('pattern', pattern)}
    ${isNumeric(spec) && html`${attribute('min', spec.min)}${attribute('max', spec.max)}`}
    ${spec.type === 'number' && html` step="any"`}
    ${spec.type === 'secret' && html` autocomplete="off"`}
  />`
}

function attribute(name: string, value: string | number | undefined): Markup | false {
  return value !== undefined && html` ${name}="${value}"`
}

function isNumeric({ type }: InputSpec): boolean {
  return type === 'int' || type === 'number'
}

const types: Partial<Record<InputType, string>> = {
  int: 'number',
  number: 'number',
  url: 'url',
  date: 'date',
  email: 'email',
  secret: 'password',
}

const patterns: Partial<Record<InputType, string>> = {
  semver: String.raw`\d+\.\d+\.\d+([\-+].*)?`,
  duration: String.raw`(\d+(\.\d+)?(ms|[smhd]))+`,
  url: 'https?://.*',
}

/** A browser backtracks, and a link may hold any text: a pattern that could take for ever is checked by the runner alone. */
function patternOf({ pattern, type }: InputSpec): string | undefined {
  return pattern === undefined ? patterns[type] : suitsBacktracking(pattern) ? pattern : undefined
}
