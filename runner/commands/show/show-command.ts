import { makePlan } from '../../engine/plan/make-plan.ts'
import { readInputs } from '../../engine/plan/read-inputs.ts'
import type { Inputs } from '../../engine/plan/read-inputs.ts'
import { stepNamed } from '../../engine/plan/selection.ts'
import type { LoadedKinds } from '../../kinds/index.ts'
import { documentParts } from '../../model/text/document-parts.ts'
import type { Part } from '../../model/text/document-parts.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { Runbook } from '../../model/runbook.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { effectWord, stepLines } from '../shared/step-lines.ts'
import { openRunbook, openWorkspace } from '../shared/workspace.ts'

export async function run({ io, args }: Request): Promise<number> {
  const { runbook: name, step: wanted } = args
  const config = await openWorkspace(io)
  const { runbook, document } = await openRunbook(config, name, io)
  if (io.json) {
    io.out(JSON.stringify(runbook, undefined, 2))
    return exit.done
  }
  const { plan } = await makePlan(runbook, await defaultsOf(runbook), config.kinds)
  const kinds = await config.kinds.load()
  const steps = wanted === undefined ? plan.steps : [stepNamed(plan, wanted)]
  if (wanted === undefined) {
    io.out(io.style('bold', printable(runbook.meta.title)))
    if (runbook.meta.description) io.out(printable(runbook.meta.description))
    for (const [input, spec] of Object.entries(runbook.meta.inputs ?? {})) {
      const fallback = spec.default === undefined ? '' : ` (default ${String(spec.default) || 'empty'})`
      io.out(
        printable(`  ${input}: ${spec.type}${fallback}${spec.description ? `  ${spec.description}` : ''}`),
      )
    }
  }
  if (wanted !== undefined) for (const step of steps) showStep(step, kinds, io)
  else
    for (const part of documentParts(document, runbook, kinds.all)) showPart(part, runbook, steps, kinds, io)
  return exit.done
}

/** The values that a reader can know: an input without a default stays the template that it is. */
async function defaultsOf(runbook: Runbook): Promise<Inputs> {
  const inputs = await readInputs(runbook, new Map())
  const values = Object.fromEntries(Object.entries(inputs.values).filter(([, value]) => value !== ''))
  return { ...inputs, values }
}

function showPart(
  part: Part,
  { meta, format }: Runbook,
  steps: readonly PlannedStep[],
  kinds: LoadedKinds,
  io: Io,
): void {
  if ('text' in part) {
    const lines = words(part.text, meta.title)
    if (lines.length > 0) io.out('')
    for (const line of lines)
      io.out(/^#{1,6} /.test(line) ? io.style('bold', printable(line)) : printable(line))
    return
  }
  const step = steps.find(({ id }) => id === part.step)
  // The sentence before a fence of plain Markdown is among the words already.
  if (step) showStep(format === 'md' ? { ...step, prose: '' } : step, kinds, io)
}

/** The words of a document for a terminal: without comments, anchors, and the title that is printed already. */
function words(text: string, title: string): string[] {
  const plain = text.replaceAll(/<!--[^]*?-->|\{\/\*[^]*?\*\/\}|<a (?:id|name)="[^"]*"><\/a>/g, '')
  const lines = plain.split(/\r\n|\n|\r/).map((line) => line.trimEnd())
  const kept = lines.filter((line) => line !== `# ${title}`)
  return kept
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .split('\n')
    .filter((line, _, all) => all.length > 1 || line !== '')
}

function showStep(step: PlannedStep, kinds: LoadedKinds, io: Io): void {
  io.out(
    `\n${step.number}. ${io.style('bold', printable(step.title))}  ${io.style('dim', `#${step.id} · ${step.kind} · ${effectWord(step.effect)}`)}`,
  )
  for (const line of stepLines(step, kinds, io)) io.out(line)
}
