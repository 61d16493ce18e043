import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import type { Meta } from '../meta.ts'
import type { InputSpec } from '../values/input-types.ts'

type PlaceholderTexts = ReadonlyMap<string, { text: string; place: Place }>

/** Values are also inserted into other languages (jq, SQL, JSON), so only harmless characters are accepted. */
const harmless = '[A-Za-z0-9._:/@%+=,~][A-Za-z0-9._:/@%+=,~-]*'

/** The inputs of a Markdown document: those it declares, and one for each placeholder of its scripts. */
export function inputsOf(meta: Meta, placeholders: PlaceholderTexts): Pick<Meta, 'inputs'> {
  const inputs: Record<string, InputSpec> = { ...meta.inputs }
  for (const [name, { text }] of placeholders) inputs[name] ??= inputFor(name, text)
  return Object.keys(inputs).length > 0 ? { inputs } : {}
}

/** Names of secret values. The name or the file of a secret is not one itself. */
const secret =
  /(?:^|_)(?:api_?key|access_?key|auth_?key|credentials?|passphrase|passw(?:or)?d|private_?key|pwd|secret|token)(?:_value)?$/

function inputFor(name: string, text: string): InputSpec {
  if (secret.test(name)) return { type: 'secret', description: `The value for ${text}.`, required: false }
  return {
    type: 'string',
    description: `The value for ${text}.`,
    required: false,
    pattern: harmless,
    // Labels are ASCII; a checksum in a name is never the name of one.
    ...(/^[ -~]*$/.test(text) ? { fromLabel: name.replace(/_name$/, '') } : {}),
  }
}

/** Whether an input was read from a placeholder of a script, and is declared nowhere. */
export function isOfPlaceholder({ pattern, type, description }: InputSpec): boolean {
  return pattern === harmless || (type === 'secret' && /^The value for <.*>\.$/.test(description ?? ''))
}

export function placeholderProblems(meta: Meta, placeholders: PlaceholderTexts): Diagnostic[] {
  return [...placeholders].flatMap(([name, { text, place }]) => {
    if (meta.inputs && Object.hasOwn(meta.inputs, name)) return []
    return [
      diagnostic(
        'placeholder-input',
        place,
        `Unexpected placeholder \`${text}\` in a script, read as the input \`${name}\``,
        {
          hint: `Give it with \`-i ${name}=…\`; without a value the step stops before its command.`,
        },
      ),
    ]
  })
}
