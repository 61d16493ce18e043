import { isRecord } from '../../../model/values/json.ts'
import { writeDraft } from '../draft.ts'
import type { Imported } from '../draft.ts'
import { DraftNames } from '../draft-names.ts'
import type { SourceTree } from '../source-tree.ts'
import { flowOf } from './ssm-flow.ts'
import { textOfValue } from '../source-tree.ts'
import { note } from './work.ts'
import type { Work } from './work.ts'
import { readParameters } from './parameters.ts'
import { convertStep } from './step.ts'
import { noteJumps } from './branches.ts'

/** Whether a document is an Automation document of AWS Systems Manager. */
export function isSsmAutomation({ value }: SourceTree): boolean {
  return Array.isArray(value['mainSteps']) && textOfValue(value['schemaVersion']) === '0.3'
}

/** Turns an Automation document into a runbook: calls of AWS become commands of its command line. */
export function importSsm(tree: SourceTree, name: string): Imported {
  const { value } = tree
  const steps = (value['mainSteps'] as unknown[]).filter(isRecord)
  const work: Work = {
    tree,
    names: new DraftNames(),
    notes: [],
    inputs: {},
    variables: new Map(),
    steps,
    flow: flowOf(steps),
    branches: new Map(),
  }
  readParameters(work)
  for (const field of Object.keys(value))
    if (!topFields.has(field)) note(work, [field], `\`${field}\` has no counterpart and was left out`)
  noteJumps(work)
  const drafts = steps.map((step, index) => convertStep(step, index, work))
  const description = typeof value['description'] === 'string' ? value['description'].trim() : ''
  const [summary = ''] = description.split('\n')
  const code = drafts.flatMap(({ fences = [] }) =>
    fences.map(({ info, code: text }) => (info === 'bash' ? text : '')),
  )
  const commands = [
    ...(code.some((text) => text.includes('aws ')) ? ['aws'] : []),
    ...(code.some((text) => text.includes('jq ')) ? ['jq'] : []),
  ]
  return {
    text: writeDraft({
      meta: {
        title: name,
        ...(summary === '' ? {} : { description: summary.replace(/^[#*\s]+/, '').slice(0, 300) || name }),
        ...(Object.keys(work.inputs).length > 0 ? { inputs: work.inputs } : {}),
        ...(commands.length > 0 ? { requires: { commands } } : {}),
      },
      parts: [...(description.includes('\n') ? [quoted(description)] : []), ...drafts],
    }),
    steps: drafts.length,
    byHand: drafts.filter(({ fences = [] }) => fences.some(({ info }) => info.endsWith('example'))).length,
    notes: work.notes.toSorted((a, b) => a.line - b.line),
  }
}

/** Words of another author, whose Markdown may be any: as text that is only read. */
function quoted(text: string): string {
  return `\`\`\`\`text\n${text.replaceAll('````', '```')}\n\`\`\`\``
}

const topFields = new Set(['description', 'schemaVersion', 'parameters', 'mainSteps'])
