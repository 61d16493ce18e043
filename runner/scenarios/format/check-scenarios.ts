import { diagnostic } from '../../model/diagnostic.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { declaredOutputs } from '../../model/runbook.ts'
import type { Runbook, Step } from '../../model/runbook.ts'
import { suggest } from '../../model/suggest.ts'
import type { ReadScenarios } from './read-scenarios.ts'
import type { StepAnswer } from './scenario-schema.ts'
import type { Path } from './yaml-places.ts'

/** The fields that an answer for a step of each kind may have. An own kind may use all. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  command: ['script', 'held', 'done', 'undo', 'go', 'confirm', 'resolve'],
  check: ['script', 'confirm'],
  http: ['request', 'held', 'done', 'undo', 'go', 'confirm', 'resolve'],
  gate: ['looks', 'decide', 'confirm'],
  checklist: ['tasks', 'confirm'],
  ask: ['fields', 'confirm'],
  approval: ['approvals', 'confirm'],
  wait: ['confirm'],
  include: ['includes', 'confirm'],
}
const attemptFields: Readonly<Record<string, readonly string[]>> = {
  script: ['exit', 'outputs', 'stdout', 'json', 'takes', 'effect'],
  request: ['status', 'headers', 'json', 'text', 'takes', 'effect', 'error', 'unanswered'],
  includes: ['includes'],
}

/** Holds a file of scenarios against its runbook: every step, input and output it names must exist. */
export function checkScenarios({ file, placeOf }: ReadScenarios, runbook: Runbook): Diagnostic[] {
  const findings: Diagnostic[] = []
  const steps = new Map(runbook.steps.map((step) => [step.id, step]))
  const report = (path: Path, message: string, hint: string): void => {
    findings.push(diagnostic('invalid-scenario', placeOf(path), message, { hint }))
  }
  const unknown = (path: Path, what: string, name: string, names: Iterable<string>): void => {
    const near = suggest(name, [...names])
    report(
      path,
      `There is no ${what} \`${name}\` in ${runbook.slug}`,
      near
        ? `Did you mean \`${near}\`?`
        : `Correct the name, or write the scenarios anew: \`runbook test ${runbook.slug} --init\`.`,
    )
  }
  const needStep = (path: Path, id: string | undefined): Step | undefined => {
    if (id === undefined) return undefined
    const step = steps.get(id)
    if (!step) unknown(path, 'step', id, steps.keys())
    return step
  }
  const needInputs = (path: Path, inputs: Record<string, string>): void => {
    const declared = runbook.meta.inputs ?? {}
    const names = Object.entries(declared).flatMap(([name, { aliases }]) => [name, ...(aliases ?? [])])
    for (const name of Object.keys(inputs))
      if (!names.includes(name)) unknown([...path, name], 'input', name, names)
  }
  const needAnswers = (path: Path, answers: Record<string, StepAnswer>): void => {
    for (const [id, answer] of Object.entries(answers)) {
      const step = needStep([...path, id], id)
      if (!step) continue
      const where = [...path, id]
      for (const [field, message, hint] of unfit(step, answer)) report([...where, field], message, hint)
    }
  }
  needInputs(['inputs'], file.inputs)
  needAnswers(['steps'], file.steps)
  const names = new Map<string, number>()
  for (const [index, scenario] of file.scenarios.entries()) {
    const at: Path = ['scenarios', index]
    const twin = names.get(scenario.name)
    if (twin !== undefined)
      report([...at, 'name'], `Two scenarios have the name \`${scenario.name}\``, 'Give each its own name.')
    names.set(scenario.name, index)
    needInputs([...at, 'inputs'], scenario.inputs)
    needAnswers([...at, 'steps'], scenario.steps)
    if (scenario.dies && scenario.lives)
      report([...at, 'dies'], 'Unexpected `dies` beside `lives`', 'Write it in the life that it ends.')
    for (const part of ['in', 'undo'] as const) needStep([...at, 'dies', part], scenario.dies?.[part])
    for (const [number, life] of (scenario.lives ?? []).entries()) {
      const its: Path = [...at, 'lives', number]
      needAnswers([...its, 'steps'], life.steps)
      needStep([...its, 'at'], life.at)
      for (const part of ['in', 'undo'] as const) needStep([...its, 'dies', part], life.dies?.[part])
    }
    if (scenario.lives?.at(-1)?.dies)
      report(
        [...at, 'lives', scenario.lives.length - 1, 'dies'],
        'The last life dies, so nothing follows from it',
        'Add the life that resumes the run: `- {}`.',
      )
    const { expect } = scenario
    needStep([...at, 'expect', 'at'], expect.at)
    for (const list of ['did', 'undone', 'leaves', 'skipped', 'ran', 'refused'] as const)
      for (const [number, id] of (expect[list] ?? []).entries()) needStep([...at, 'expect', list, number], id)
    for (const list of ['steps', 'attempts'] as const)
      for (const id of Object.keys(expect[list] ?? {})) needStep([...at, 'expect', list, id], id)
  }
  return findings
}

/** Fields of an answer that a step of its kind cannot use, and outputs it does not declare. */
function unfit(step: Step, { attempts, ...rest }: StepAnswer): [field: string | number, string, string][] {
  const groups = fieldsOf[step.kind]
  const findings: [string | number, string, string][] = []
  const fields = [...Object.keys(rest), ...attempts.flatMap((one) => Object.keys(one))]
  if (groups) {
    const names = groups.flatMap((group) => attemptFields[group] ?? [group])
    for (const field of new Set(fields.filter((name) => !names.includes(name))))
      findings.push([
        field,
        `Unexpected \`${field}\` for step \`${step.id}\`, which is a ${step.kind} step`,
        `It takes ${names.join(', ')}.`,
      ])
  }
  const outputs = declaredOutputs(step)
  const given = [
    ...attempts.flatMap((one) => Object.keys(one.outputs ?? {})),
    ...Object.keys(rest.fields ?? {}),
  ]
  for (const name of new Set(given.filter((one) => !outputs.includes(one))))
    findings.push([
      'outputs',
      `Step \`${step.id}\` does not declare the output \`${name}\``,
      outputs.length > 0 ? `Its outputs are ${outputs.join(', ')}.` : 'It has no outputs.',
    ])
  return findings
}
