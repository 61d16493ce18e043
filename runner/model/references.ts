import { diagnostic } from './diagnostic.ts'
import type { Diagnostic, Place } from './diagnostic.ts'
import type { Locate, Meta } from './frontmatter.ts'
import type { Step } from './runbook.ts'
import { attribute } from './runbook.ts'
import { suggest } from './suggest.ts'
import { references, runFields } from './template.ts'

/** The outputs a step declares, as written in its `outputs` attribute. */
export function declaredOutputs(step: Step): string[] {
  const written = attribute(step, 'outputs')
  return typeof written === 'string' ? written.split(/[\s,]+/).filter((name) => name !== '') : []
}

/** Checks that names are unique and that every template names something that exists by then. */
export function checkReferences(meta: Meta, steps: readonly Step[], locate: Locate): Diagnostic[] {
  const inputs = new Set(Object.keys(meta.inputs ?? {}))
  const outputs = new Map<string, Step>()
  const diagnostics: Diagnostic[] = []
  for (const step of steps) {
    diagnostics.push(...textsOf(step).flatMap(({ text, place }) => checkText(text, place, inputs, outputs)))
    for (const name of declaredOutputs(step)) {
      const place = step.attributes['outputs']?.place ?? step.place
      if (!/^[a-z][a-z0-9_]*$/.test(name)) diagnostics.push(badOutputName(name, place))
      const first = inputs.has(name)
        ? locate(['inputs', name], 'key')
        : outputs.get(name)?.attributes['outputs']?.place
      if (first) {
        diagnostics.push(
          diagnostic(
            'duplicate-name',
            place,
            `Unexpected output \`${name}\`, expected a name not used before`,
            {
              hint: 'Inputs and outputs share one list of names: rename one of them.',
              notes: [{ message: 'first used here', place: first }],
            },
          ),
        )
      }
      outputs.set(name, step)
    }
  }
  return diagnostics
}

function badOutputName(name: string, place: Place): Diagnostic {
  return diagnostic(
    'invalid-attribute',
    place,
    `Unexpected output name \`${name}\`, expected lower-case letters, digits and \`_\``,
    {
      hint: 'Outputs are environment variables of later steps; lower-case names are free for that.',
    },
  )
}

function textsOf(step: Step): { text: string; place: Place }[] {
  const attributes = Object.values(step.attributes)
    .filter(({ value }) => typeof value === 'string')
    .map(({ value, place }) => ({ text: String(value), place }))
  return [...attributes, ...step.fences.map(({ code, place }) => ({ text: code, place }))]
}

function checkText(
  text: string,
  place: Place,
  inputs: ReadonlySet<string>,
  outputs: ReadonlyMap<string, Step>,
): Diagnostic[] {
  const { found, invalid } = references(text)
  const malformed = invalid.map((part) =>
    diagnostic(
      'unknown-reference',
      at(place, text, part.offset),
      `Unexpected template \`${part.text}\`, expected a reference`,
      {
        hint: 'Write ${{ inputs.name }}, ${{ outputs.name }} or ${{ run.id }}.',
      },
    ),
  )
  const unknown = found.flatMap((reference) => {
    const known =
      reference.scope === 'inputs'
        ? inputs
        : reference.scope === 'outputs'
          ? outputs
          : new Set<string>(runFields)
    if (known.has(reference.name)) return []
    const name = `${reference.scope}.${reference.name}`
    const near = suggest(reference.name, known.keys())
    const hint = near ? `Did you mean \`${reference.scope}.${near}\`?` : hintFor(reference.scope)
    return [
      diagnostic(
        'unknown-reference',
        at(place, text, reference.offset),
        `Unexpected reference \`${name}\`, expected one that exists here`,
        { hint },
      ),
    ]
  })
  return [...malformed, ...unknown]
}

function hintFor(scope: 'inputs' | 'outputs' | 'run'): string {
  if (scope === 'inputs') return 'Declare it under `inputs:` in the frontmatter.'
  if (scope === 'outputs') return 'Declare it in the `outputs` attribute of an earlier step.'
  return `The fields of run are ${runFields.join(', ')}.`
}

function at(place: Place, text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n')
  return before.length === 1
    ? place
    : { file: place.file, line: place.line + before.length - 1, column: (before.at(-1)?.length ?? 0) + 1 }
}
