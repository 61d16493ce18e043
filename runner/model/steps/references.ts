import type { InlineCode, Nodes, Parent, Text } from 'mdast'
import { celNames, celProblem, conditionProblem } from '../values/cel.ts'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import { placeOf, placeWithin } from '../text/place.ts'
import type { Locate } from '../text/frontmatter.ts'
import type { Meta } from '../meta.ts'
import type { Step } from '../runbook.ts'
import { attribute, declaredOutputs } from '../runbook.ts'
import { suggest } from '../suggest.ts'
import { hasTemplate, references, runFields } from '../values/template.ts'

interface Names {
  inputs: ReadonlySet<string>
  /** Each output with the step that declares it. */
  outputs: ReadonlyMap<string, Step>
}

/** Checks that names are unique and that every template and expression names something that exists by then. */
export function checkReferences(meta: Meta, steps: readonly Step[], locate: Locate): Diagnostic[] {
  const inputs = new Set(Object.keys(meta.inputs ?? {}))
  const outputs = new Map<string, Step>()
  const diagnostics: Diagnostic[] = []
  for (const step of steps) {
    for (const name of declaredOutputs(step)) {
      diagnostics.push(...outputProblems(name, step, inputs, outputs, locate))
      if (!outputs.has(name)) outputs.set(name, step)
    }
  }
  const names: Names = { inputs, outputs }
  for (const step of steps) {
    for (const text of textsOf(step)) diagnostics.push(...checkText(text, step, names))
    diagnostics.push(...checkWhen(step, names))
  }
  return [...diagnostics, ...checkFrontmatter(meta, steps, names, locate)]
}

/**
 * Checks the templates in the words of a document, which its page fills in. One of another form may belong to another
 * system, which the words are about.
 */
export function checkProse(tree: Parent, meta: Meta, steps: readonly Step[], file: string): Diagnostic[] {
  const names: Names = {
    inputs: new Set(Object.keys(meta.inputs ?? {})),
    outputs: new Map(steps.flatMap((step) => declaredOutputs(step).map((name) => [name, step]))),
  }
  return proseOf(tree).flatMap((node) => {
    const place = placeOf(node, file)
    const { valid } = references(node.value)
    return valid.flatMap(({ scope, name }) => referenceProblem(scope, name, place, names) ?? [])
  })
}

/** All text outside fences and tasks, whose text is part of their step. */
function proseOf(parent: Parent): (InlineCode | Text)[] {
  return (parent.children as Nodes[]).flatMap((child) => {
    if (child.type === 'text' || child.type === 'inlineCode')
      return child.value.includes('${{') ? [child] : []
    return 'children' in child && !(child.type === 'listItem' && child.checked != null) ? proseOf(child) : []
  })
}

function malformedTemplate(text: string, place: Place): Diagnostic {
  return diagnostic('unknown-reference', place, `Unexpected template \`${text}\`, expected a reference`, {
    hint: 'Write ${{ inputs.name }}, ${{ outputs.name }} or ${{ run.id }}.',
  })
}

function outputProblems(
  name: string,
  step: Step,
  inputs: ReadonlySet<string>,
  outputs: ReadonlyMap<string, Step>,
  locate: Locate,
): Diagnostic[] {
  const place = step.attributes['outputs']?.place ?? step.place
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    const message = `Unexpected output name \`${name}\`, expected lower-case letters, digits and \`_\``
    const hint = 'Outputs are environment variables of later steps; lower-case names are free for that.'
    return [diagnostic('invalid-attribute', place, message, { hint })]
  }
  const first = inputs.has(name)
    ? locate(['inputs', name], 'key')
    : outputs.get(name)?.attributes['outputs']?.place
  if (!first) return []
  return [
    diagnostic('duplicate-name', place, `Unexpected output \`${name}\`, expected a name not used before`, {
      hint: 'Inputs and outputs share one list of names: rename one of them.',
      notes: [{ message: 'first used here', place: first }],
    }),
  ]
}

interface PlacedText {
  text: string
  /** The place of a part of it; that of an attribute is the attribute's. */
  at: (offset: number, length: number) => Place
}

function textsOf(step: Step): PlacedText[] {
  const attributes = Object.entries(step.attributes)
    .filter(([name, { value }]) => typeof value === 'string' && name !== 'when')
    .map(([, { value, place }]): PlacedText => ({ text: String(value), at: () => place }))
  const fences = step.fences.map(({ code, place }): PlacedText => {
    return { text: code, at: (offset, length) => placeWithin(place, code, offset, length) }
  })
  const tasks = step.tasks.map(({ text, place }): PlacedText => ({ text, at: () => place }))
  return [...attributes, ...fences, ...tasks]
}

function checkText({ text, at }: PlacedText, step: Step, names: Names): Diagnostic[] {
  const { valid, invalid } = references(text)
  const malformed = invalid.map((part) => malformedTemplate(part.text, at(part.offset, part.text.length)))
  const wrong = valid.flatMap(({ scope, name, offset }) => {
    const place = at(offset, text.indexOf('}}', offset) + 2 - offset)
    const unknown = referenceProblem(scope, name, place, names)
    if (unknown) return [unknown]
    return scope === 'outputs' ? orderProblems(name, place, step, names) : []
  })
  return [...malformed, ...wrong]
}

function referenceProblem(scope: string, name: string, place: Place, names: Names): Diagnostic | undefined {
  const declared: readonly string[] =
    scope === 'inputs' ? [...names.inputs] : scope === 'outputs' ? [...names.outputs.keys()] : runFields
  if (declared.includes(name)) return undefined
  const near = suggest(name, declared)
  const elsewhere =
    scope === 'inputs' && names.outputs.has(name)
      ? 'outputs'
      : scope === 'outputs' && names.inputs.has(name)
        ? 'inputs'
        : undefined
  const hint = elsewhere
    ? `It is one of the ${elsewhere}: write \`${elsewhere}.${name}\`.`
    : near
      ? `Did you mean \`${scope}.${near}\`?`
      : hintFor(scope)
  return diagnostic(
    'unknown-reference',
    place,
    `Unexpected reference \`${scope}.${name}\`, expected one that exists`,
    { hint },
  )
}

function hintFor(scope: string): string {
  if (scope === 'inputs') return 'Declare it under `inputs:` in the frontmatter.'
  if (scope === 'outputs') return 'Declare it in the `outputs` attribute of an earlier step.'
  return `The fields of run are ${runFields.join(', ')}.`
}

/** An output exists only once its step has run. */
function orderProblems(name: string, place: Place, step: Step, { outputs }: Names): Diagnostic[] {
  const source = outputs.get(name)
  if (!source) return []
  const notes = [
    {
      message: `step \`${source.id}\` produces it`,
      place: source.attributes['outputs']?.place ?? source.place,
    },
  ]
  if (source.number >= step.number) {
    const which = source === step ? 'the step itself' : `the later step \`${source.id}\``
    return [
      diagnostic(
        'later-reference',
        place,
        `Unexpected reference \`outputs.${name}\`, expected the output of an earlier step, not of ${which}`,
        {
          hint: `Move the step \`${source.id}\` before this one.`,
          notes,
        },
      ),
    ]
  }
  const when = attribute(source, 'when')
  if (when === undefined || when === attribute(step, 'when')) return []
  return [
    diagnostic(
      'conditional-reference',
      place,
      `Unexpected reference \`outputs.${name}\`, its step \`${source.id}\` may be skipped`,
      {
        hint: `Give this step the same condition: when="${String(when)}".`,
        notes,
      },
    ),
  ]
}

function checkWhen(step: Step, names: Names): Diagnostic[] {
  const when = step.attributes['when']
  if (typeof when?.value !== 'string') return []
  const { value, place } = when
  if (references(value).valid.length > 0) {
    return [
      diagnostic('invalid-expression', place, 'Unexpected template in `when`, expected a CEL expression', {
        hint: 'Write the name alone, such as inputs.environment == "production".',
      }),
    ]
  }
  const problem = celProblem(value)
  if (problem !== undefined) {
    const hint =
      'Write a CEL expression over inputs, outputs and run, such as inputs.environment == "production".'
    return [diagnostic('invalid-expression', place, `Unexpected \`when\`: ${problem}`, { hint })]
  }
  const { read, guarded } = celNames(value)
  const problems = read.flatMap(({ scope, name }) => {
    if (!['inputs', 'outputs', 'run'].includes(scope)) {
      const hint = names.inputs.has(scope)
        ? `Write \`inputs.${scope}\`.`
        : 'An expression reads inputs, outputs and run; put text in quotes.'
      return [diagnostic('unknown-reference', place, `Unexpected name \`${scope}\` in \`when\``, { hint })]
    }
    if (name === '') return []
    const unknown = referenceProblem(scope, name, place, names)
    if (unknown) return [unknown]
    return scope === 'outputs' && !guarded.has(name) ? orderProblems(name, place, step, names) : []
  })
  return problems.length > 0 ? problems : typeProblems(value, place)
}

function typeProblems(condition: string, place: Place): Diagnostic[] {
  const problem = conditionProblem(condition)
  if (problem === undefined) return []
  const hint = "Inputs and outputs are text: write inputs.force == 'true', or int(inputs.count) > 2."
  return [diagnostic('invalid-expression', place, `Unexpected \`when\`: ${problem}`, { hint })]
}

/** The steps and inputs that the frontmatter names must exist too. */
function checkFrontmatter(meta: Meta, steps: readonly Step[], names: Names, locate: Locate): Diagnostic[] {
  const ids = steps.map(({ id }) => id)
  const alerts = (meta.alerts ?? []).flatMap((alert, index) => {
    const step = 'step' in alert ? alert.step : undefined
    if (step === undefined || ids.includes(step)) return []
    const near = suggest(step, ids)
    const hint = near ? `Did you mean \`${near}\`?` : `The steps are ${ids.join(', ')}.`
    return [
      diagnostic(
        'missing-anchor',
        locate(['alerts', index, 'step']),
        `Unexpected step \`${step}\`, expected one that exists`,
        { hint },
      ),
    ]
  })
  const { valid, invalid } = references(meta.concurrency ?? '')
  const place = locate(['concurrency'])
  const key = valid.flatMap(({ scope, name }) =>
    scope === 'inputs'
      ? (referenceProblem(scope, name, place, names) ?? [])
      : diagnostic(
          'unknown-reference',
          place,
          `Unexpected reference \`${scope}.${name}\` in \`concurrency\`, expected an input`,
          {
            hint: 'The key is taken before the run starts, so only inputs are known.',
          },
        ),
  )
  const malformed = invalid.map((part) =>
    diagnostic('unknown-reference', place, `Unexpected template \`${part.text}\`, expected a reference`, {
      hint: 'Write ${{ inputs.name }}.',
    }),
  )
  return [...alerts, ...key, ...malformed, ...titleProblems(meta, locate)]
}

/** A title names the runbook before anybody gave it values: in lists, in search, and to alerts. */
function titleProblems({ title }: Meta, locate: Locate): Diagnostic[] {
  if (!hasTemplate(title)) return []
  return [
    diagnostic('unknown-reference', locate(['title']), 'Unexpected template in `title`, expected text', {
      hint: 'The title is shown where no input has a value; write the template into the title of a step.',
    }),
  ]
}
