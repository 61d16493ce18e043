import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { checked } from '../../../runner/status/checked.ts'

const text = z.string().min(1)
const states = ['works', 'part', 'platform', 'open'] as const

const row = z
  .strictObject({
    says: text,
    state: z.enum(states),
    why: text.optional(),
    show: text,
    runbook: text.optional(),
    test: text.optional(),
    /** The name of a test in that file, or a part of it. */
    proves: text.optional(),
    /** The exit code of the command in this repository, where it is safe to call. */
    exits: z.int().min(0).max(6).optional(),
    counts: z.array(z.int()).optional(),
    claimed: z.int().optional(),
  })
  .refine(
    ({ state, why }) => state === 'works' || why !== undefined,
    'Expected `why` for every state but works, which may say its limit',
  )
  .refine(
    ({ state, test, proves }) => state !== 'works' || (test !== undefined && proves !== undefined),
    'Expected `test` and `proves` of a row that works',
  )
  .refine(
    ({ test, proves }) => (test === undefined) === (proves === undefined),
    'Expected `proves` with `test`',
  )

const file = z.strictObject({
  documents: z.record(text, text),
  rows: z.record(z.string().regex(/^[A-E]\d\d$/), row),
})

export type Promises = z.output<typeof file>

/** Reads the rows of the seed documents. @throws {ProblemError} */
export function readPromises(path: string): Promises {
  return checked(file, readFileSync(path, 'utf8'), path)
}

const words = { works: 'works', part: 'in part', platform: 'bound to a platform', open: 'not built' }

/** The page that lists every row with its state and the command that shows it. */
export function promisePage({ documents, rows }: Promises): string {
  const all = Object.entries(rows)
  const count = (state: (typeof states)[number]): number =>
    all.filter(([, one]) => one.state === state).length
  const figures = states.map((state) => `${count(state)} ${words[state]}`).join(', ')
  const parts = Object.entries(documents).map(([letter, title]) => {
    const lines = all
      .filter(([id]) => id.startsWith(letter))
      .map(
        ([id, one]) =>
          `| <a id="${id.toLowerCase()}"></a>${id} | ${cell(one.says)} | ${words[one.state]} | \`${one.show.replaceAll('|', '\\|')}\` | ${factsOf(one)} |`,
      )
    return `## ${letter} · ${title}\n\n| Row | Promise | State | Shown by | Where, and what is missing |\n| --- | --- | --- | --- | --- |\n${lines.join('\n')}\n`
  })
  return `---
title: Promises of the seed documents
description: Every row of the five documents that this project began with, its state, and the command that shows it.
order: 92
---

Made from \`content/promises.yaml\` by \`node scripts/promise-docs.ts\`. A test reads every command with its options
and inputs, calls those that are safe in this repository, and looks for the named test. A row that works may say its limit.

${all.length} rows: ${figures}.

${parts.join('\n')}`
}

function factsOf({ runbook, test, proves, why, counts, claimed }: Promises['rows'][string]): string {
  const sum = counts?.reduce((total, one) => total + one, 0)
  return [
    runbook === undefined ? undefined : `[${runbook}](/runbooks/${runbook}/)`,
    test === undefined ? undefined : `\`${test}\`: ${cell(proves ?? '')}`,
    sum === undefined || counts === undefined
      ? undefined
      : `The ${counts.length} counts add to ${sum.toLocaleString('en-US')}, and not to ${claimed?.toLocaleString('en-US')}.`,
    why === undefined ? undefined : cell(why),
  ]
    .filter((part) => part !== undefined)
    .join(' · ')
}

function cell(sentence: string): string {
  return sentence.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
