import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

/** A file below `src` with all that it imports there, as paths below the project. Types alone are not followed. */
function closure(file: string): Set<string> {
  const seen = new Set([join(root, file)])
  for (const one of seen) {
    const text = readFileSync(one, 'utf8')
    for (const [, name = ''] of text.matchAll(/^\s*(?:import|export)(?! type)[^'"]*? from '(\.[^']+)'/gm)) {
      const path = join(dirname(one), name)
      if (existsSync(path) && path.startsWith(join(root, 'src'))) seen.add(path)
    }
  }
  return new Set([...seen].map((path) => relative(root, path)))
}

function saying(pattern: RegExp, files: Iterable<string>): string[] {
  return [...files].filter((file) => pattern.test(readFileSync(join(root, file), 'utf8'))).toSorted()
}

const page = closure('src/pages/runbooks/[...slug].astro')

test('everything that a page of a runbook reads is in its digest', () => {
  const digest = closure('src/data/runbooks/page-digest.ts')
  const read = saying(/\bremember\(|\bchangesBelow\(|\bread[A-Z]\w*\(|'node:(?:fs|child_process)'/, page)
  expect(read.length).toBeGreaterThan(5)
  expect(read.filter((file) => !digest.has(file))).toEqual([])
})

test('what a page of a runbook says of the day is in its digest', () => {
  // Overdue reviews and drills are in the digest; the time of the build is put in afterwards; that of checks is on pages of runs.
  expect(saying(/\bnew Date\(\)|\bDate\.now\(\)/, page)).toEqual([
    'src/components/Evidence.astro',
    'src/components/Facts.astro',
    'src/data/runbooks/page-digest.ts',
    'src/data/runs/recorded-runs.ts',
    'src/layouts/Page.astro',
  ])
})
