import { basename } from 'node:path'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Files that take longer than their size tells. One that begins last would keep a core idle at the end. */
const long = [
  'browser.test.ts',
  'verify-recipe.test.ts',
  'tamperings.test.ts',
  'own.test.ts',
  'hostile.test.ts',
  'docs.test.ts',
  'random-kills.test.ts',
  'build.test.ts',
  'init.test.ts',
  'dev.test.ts',
]

/** Begins with the long files of each group, and then goes by the last run, or else by size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- It is the method of a sequencer.
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b))
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder
}

function rankOf({ moduleId, project }: TestSpecification): number {
  const rank = project.name === 'e2e' ? long.indexOf(basename(moduleId)) : -1
  return rank < 0 ? long.length : rank
}
