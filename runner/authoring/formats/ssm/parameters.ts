import { isRecord } from '../../../model/values/json.ts'
import type { InputSpec } from '../../../model/values/input-types.ts'
import { compilePattern } from '../../../model/values/pattern.ts'
import { textOfValue } from '../source-tree.ts'
import { addInput, note } from './work.ts'
import type { Work } from './work.ts'

export function readParameters(work: Work): void {
  const { value } = work.tree
  const parameters = isRecord(value['parameters']) ? value['parameters'] : {}
  for (const [name, spec] of Object.entries(parameters)) {
    if (!isRecord(spec)) continue
    // The role of the automation is that of whoever runs.
    if (textOfValue(value['assumeRole']).includes(name) && /role/i.test(name)) {
      note(
        work,
        ['parameters', name],
        `\`${name}\` was left out: the run has the rights of the person who runs it`,
      )
      work.variables.set(name, { name: addInput(work, name, { type: 'string', default: '' }), shape: 'text' })
      continue
    }
    const type = textOfValue(spec['type'], 'String')
    const shape =
      type === 'StringList'
        ? 'list'
        : /^(?:String|AWS::)/.test(type) && type !== 'StringMap'
          ? 'text'
          : 'json'
    work.variables.set(name, { name: addInput(work, name, inputSpec(name, spec, type, work)), shape })
    for (const field of Object.keys(spec))
      if (!parameterFields.has(field))
        note(work, ['parameters', name, field], `\`${field}\` of the parameter \`${name}\` was left out`)
  }
}

const parameterFields = new Set([
  'type',
  'description',
  'default',
  'allowedValues',
  'allowedPattern',
  'minChars',
  'maxChars',
])

function inputSpec(
  name: string,
  spec: Readonly<Record<string, unknown>>,
  type: string,
  work: Work,
): InputSpec {
  const about =
    typeof spec['description'] === 'string' ? spec['description'].replaceAll(/\s+/g, ' ').trim() : ''
  const hint =
    type === 'StringList' ? ' Several are separated by commas.' : /List|Map/.test(type) ? ' As JSON.' : ''
  const options = Array.isArray(spec['allowedValues'])
    ? [...new Set(spec['allowedValues'].map(String))]
    : undefined
  const pattern = typeof spec['allowedPattern'] === 'string' ? spec['allowedPattern'] : undefined
  const isText = options === undefined && type === 'String'
  const usable = pattern !== undefined && isText && compilePattern(pattern).ok
  if (pattern !== undefined && !usable)
    note(
      work,
      ['parameters', name, 'allowedPattern'],
      `the pattern of \`${name}\` cannot be used and was left out`,
    )
  const fixed = options === undefined || options.includes('') ? undefined : options
  const given = spec['default']
  const value =
    given === undefined || given === null
      ? undefined
      : Array.isArray(given) && type === 'StringList'
        ? given.map(String).join(',')
        : typeof given === 'object'
          ? JSON.stringify(given)
          : textOfValue(given)
  const isOptional = value === '' || value === '[]' || value === '{}'
  const keeps =
    value !== undefined &&
    !isOptional &&
    (fixed === undefined || fixed.includes(value)) &&
    !/[\n\r]/.test(value)
  const many = type === 'StringList' && fixed !== undefined && fixed.every((option) => !option.includes(','))
  return {
    type:
      fixed === undefined
        ? type === 'Integer'
          ? 'int'
          : type === 'Boolean'
            ? 'boolean'
            : 'string'
        : many
          ? 'multichoice'
          : type === 'StringList'
            ? 'string'
            : 'choice',
    ...(about + hint === '' ? {} : { description: (about + hint).trim() }),
    ...(fixed === undefined || (type === 'StringList' && !many) ? {} : { options: fixed }),
    ...(usable ? { pattern } : {}),
    ...(keeps ? { default: value } : isOptional ? { required: false } : {}),
  }
}
