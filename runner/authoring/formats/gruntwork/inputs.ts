import { parseLooseYaml } from '../../../model/text/yaml.ts'
import { descendants } from '../../../model/text/tree.ts'
import { isRecord } from '../../../model/values/json.ts'
import type { InputSpec } from '../../../model/values/input-types.ts'
import { compilePattern } from '../../../model/values/pattern.ts'
import { variableOf } from '../draft-names.ts'
import { textOfValue } from '../source-tree.ts'
import { note, attributesOf } from './work.ts'
import type { Element, Work } from './work.ts'

export function readInputs(element: Element, work: Work): void {
  const fence = descendants(element as never, 'code')[0]
  const path = attributesOf(element, work)['path']
  const text = fence?.value ?? (path === undefined ? undefined : work.readFile(path))
  let read: unknown
  try {
    read = parseLooseYaml(text ?? '')
  } catch {
    read = undefined
  }
  const variables =
    isRecord(read) && Array.isArray(read['variables']) ? read['variables'].filter(isRecord) : undefined
  if (variables === undefined)
    return note(work, element, 'the variables of an `<Inputs>` cannot be read and were left out')
  for (const variable of variables) {
    const own = textOfValue(variable['name'])
    if (own === '' || work.variables.has(`inputs.${own}`)) continue
    const name = work.names.variable(own)
    work.variables.set(`inputs.${own}`, name)
    work.inputs[name] = {
      ...inputSpec(own, variable, element, work),
      ...(name === own || variableOf(own) === own ? {} : { aliases: [own] }),
    }
  }
}

const variableFields = new Set([
  'name',
  'type',
  'description',
  'default',
  'validations',
  'options',
  'sensitive',
  'required',
])

function inputSpec(
  name: string,
  variable: Readonly<Record<string, unknown>>,
  element: Element,
  work: Work,
): InputSpec {
  const left = Object.keys(variable).filter((field) => !variableFields.has(field) && !field.startsWith('x-'))
  if (left.length > 0)
    note(work, element, `\`${left.join('`, `')}\` of the variable \`${name}\` was left out`)
  const { type, description, default: given, options, sensitive } = variable
  const rules = [variable['validations'] ?? []].flat()
  const named = rules.map((rule) => (isRecord(rule) ? textOfValue(rule['type']) : textOfValue(rule)))
  const choices =
    type === 'enum' && Array.isArray(options)
      ? [...new Set(options.map(String))].filter((one) => one !== '')
      : []
  const length = rules.find((rule) => isRecord(rule) && rule['type'] === 'length')
  const regex = rules.find((rule) => isRecord(rule) && rule['type'] === 'regex')
  const pattern =
    isRecord(regex) && typeof regex['regex'] === 'string' && compilePattern(regex['regex']).ok
      ? regex['regex']
      : classes[named.find((one) => one in classes) ?? '']
  const unread = named.filter(
    (one) => !['required', 'length', 'regex', 'semver', 'url', 'email'].includes(one) && !(one in classes),
  )
  if (unread.length > 0)
    note(work, element, `the validation \`${unread.join('`, `')}\` of the variable \`${name}\` was left out`)
  const kind =
    sensitive === true
      ? 'secret'
      : choices.length > 0
        ? 'choice'
        : type === 'int'
          ? 'int'
          : type === 'float'
            ? 'number'
            : type === 'bool'
              ? 'boolean'
              : type === 'string'
                ? (named.find((one) => one === 'semver' || one === 'url' || one === 'email') ?? 'string')
                : 'string'
  const value =
    given === undefined || given === null
      ? ''
      : typeof given === 'object'
        ? JSON.stringify(given)
        : textOfValue(given)
  const keeps =
    value !== '' &&
    kind !== 'secret' &&
    !/[\n\r]/.test(value) &&
    (kind !== 'choice' || choices.includes(value))
  const hint = type === 'list' || type === 'map' ? ' As JSON.' : ''
  const min = isRecord(length) && typeof length['min'] === 'number' ? length['min'] : undefined
  const max = isRecord(length) && typeof length['max'] === 'number' ? length['max'] : undefined
  if (kind === 'secret' && value !== '')
    note(work, element, `the default of the secret \`${name}\` was left out`)
  return {
    type: kind,
    ...(typeof description === 'string' && (description + hint).trim() !== ''
      ? { description: (description + hint).trim() }
      : {}),
    ...(kind === 'choice' ? { options: choices } : {}),
    ...(kind === 'string' && pattern !== undefined ? { pattern } : {}),
    ...(kind === 'string' && min !== undefined ? { min } : {}),
    ...(kind === 'string' && max !== undefined ? { max } : {}),
    ...(keeps ? { default: value } : named.includes('required') ? {} : { required: false }),
  }
}

const classes: Readonly<Record<string, string>> = {
  alpha: '[A-Za-z]*',
  digit: String.raw`\d*`,
  alphanumeric: '[A-Za-z0-9]*',
}
