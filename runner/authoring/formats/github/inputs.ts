import type { InputSpec } from '../../../model/values/input-types.ts'
import { DraftNames } from '../draft-names.ts'
import type { SourceTree } from '../source-tree.ts'
import { textOfValue } from '../source-tree.ts'
import { fieldsOf, shown } from './work.ts'
import type { Fields } from './work.ts'

export function declaredInputs(
  { value }: SourceTree,
  names: DraftNames,
  declared: Map<string, string>,
): Record<string, InputSpec> {
  const on = fieldsOf(value['on'])
  const inputs: Record<string, InputSpec> = {}
  for (const trigger of ['workflow_dispatch', 'workflow_call'])
    for (const [name, spec] of Object.entries(fieldsOf(fieldsOf(on[trigger])['inputs']))) {
      if (declared.has(name)) continue
      const variable = names.variable(name)
      declared.set(name, variable)
      inputs[variable] = { ...inputSpec(fieldsOf(spec)), ...(variable === name ? {} : { aliases: [name] }) }
    }
  return inputs
}

function inputSpec({ type, description, required, default: given, options }: Fields): InputSpec {
  const choices = Array.isArray(options) ? [...new Set(options.map(String))].filter((one) => one !== '') : []
  const value = given === undefined || given === null ? '' : textOfValue(given)
  const isChoice = type === 'choice' && choices.length > 0
  const keeps =
    value !== '' && !/[\n\r]/.test(value) && !value.includes('${{') && (!isChoice || choices.includes(value))
  const number = type === 'number' && (value === '' || Number.isFinite(Number(value)))
  return {
    type: isChoice ? 'choice' : type === 'boolean' ? 'boolean' : number ? 'number' : 'string',
    ...(typeof description === 'string' && description.trim() !== ''
      ? { description: shown(description) }
      : {}),
    ...(isChoice ? { options: choices } : {}),
    ...(keeps ? { default: value } : String(required) === 'true' ? {} : { required: false }),
  }
}
