import { isRecord } from '../../../model/values/json.ts'
import { writeDraft } from '../draft.ts'
import type { Imported, ImportNote } from '../draft.ts'
import { DraftNames } from '../draft-names.ts'
import { makeExpressions } from './expressions.ts'
import type { SourceTree } from '../source-tree.ts'
import { fieldsOf, shown, note } from './work.ts'
import type { Work } from './work.ts'
import { orderedJobs, matrixOf, convertJob } from './jobs.ts'
import { declaredInputs } from './inputs.ts'

/** Whether a document is a workflow of GitHub Actions. */
export function isWorkflow({ value }: SourceTree): boolean {
  return (
    isRecord(value['jobs']) &&
    Object.values(value['jobs']).some(
      (job) => isRecord(job) && (Array.isArray(job['steps']) || job['uses'] !== undefined),
    )
  )
}

/** Turns the jobs of a workflow into one runbook: a step with a script is a command, one that uses an action is for a person. */
export function importWorkflow(tree: SourceTree, name: string): Imported {
  const names = new DraftNames()
  const notes: ImportNote[] = []
  const outputs = new Map<string, string>()
  const jobs = orderedJobs(tree)
  const declared = new Map<string, string>()
  const own = declaredInputs(tree, names, declared)
  const expressions = makeExpressions({
    names,
    declared,
    outputs,
    matrix: matrixOf(jobs),
    note: (line, message) => void notes.push({ line, message }),
  })
  const work: Work = { tree, names, notes, expressions, outputs }
  noteTop(work)
  const parts = jobs.flatMap((job) => convertJob(job, jobs.length > 1, work))
  const steps = parts.filter((part) => typeof part !== 'string')
  const inputs = { ...own, ...expressions.inputs }
  const title = typeof tree.value['name'] === 'string' ? shown(tree.value['name']) : name
  return {
    text: writeDraft({
      meta: { title: title || name, ...(Object.keys(inputs).length > 0 ? { inputs } : {}) },
      parts,
    }),
    steps: steps.length,
    byHand: steps.filter(({ element }) => element === 'Checklist').length,
    notes: notes.toSorted((a, b) => a.line - b.line),
  }
}

function noteTop(work: Work): void {
  const { value } = work.tree
  const triggers =
    typeof value['on'] === 'string'
      ? [value['on']]
      : Array.isArray(value['on'])
        ? value['on'].map(String)
        : Object.keys(fieldsOf(value['on']))
  const automatic = triggers.filter((name) => name !== 'workflow_dispatch' && name !== 'workflow_call')
  if (automatic.length > 0)
    note(work, ['on'], `the trigger \`${automatic.join(', ')}\` was left out: a person starts the run`)
  for (const field of Object.keys(value))
    if (!['name', 'on', 'jobs', 'env', 'defaults', 'run-name'].includes(field))
      note(work, [field], `\`${field}\` has no counterpart and was left out`)
}
