import type { Edit, Finding } from './finding.ts'
import { readRuleFile } from './read/read-rules.ts'
import type { RuleFile } from './rule.ts'

/** Changes may overlap; this many passes are more than any link needs. */
const rounds = 4

/** Makes the mechanical changes of findings in a file; every other byte stays. Undefined when none can be made safely. */
export function fixFile(
  file: RuleFile,
  check: (file: RuleFile) => readonly Finding[],
): { text: string; fixed: Finding[] } | undefined {
  const fixed: Finding[] = []
  let current = file
  for (let round = 0; round < rounds; round++) {
    const next = fixOnce(current, check(current))
    if (!next) break
    fixed.push(...next.fixed)
    current = next.file
  }
  return fixed.length > 0 ? { text: current.text, fixed } : undefined
}

/** A change after which the file reads differently in any other way is not made. */
function fixOnce(
  file: RuleFile,
  findings: readonly Finding[],
): { file: RuleFile; fixed: Finding[] } | undefined {
  const fixed = withoutOverlaps(findings.filter(({ edits }) => edits !== undefined))
  if (fixed.length === 0) return undefined
  const text = apply(
    file.text,
    fixed.flatMap(({ edits }) => edits ?? []),
  )
  const next = readRuleFile(file.file, Buffer.from(text))
  const same = next.rules.length === file.rules.length && next.problems.length === file.problems.length
  return same ? { file: next, fixed } : undefined
}

/** A finding whose change touches another's waits for the next time. */
function withoutOverlaps(findings: readonly Finding[]): Finding[] {
  const taken: Edit[] = []
  return findings.filter(({ edits = [] }) => {
    const free = edits.every((edit) => !taken.some((one) => edit.start <= one.end && one.start <= edit.end))
    if (free) taken.push(...edits)
    return free
  })
}

function apply(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text)
}
