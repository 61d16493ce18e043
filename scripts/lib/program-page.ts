import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Program } from './command.ts'

/** Every program of a folder, by name. A file without one is left out and not run. */
export async function programsOf(folder: string): Promise<Program[]> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .filter((file) => readFileSync(file, 'utf8').includes('\nexport const program: Program'))
  const modules = await Promise.all(
    files.toSorted().map((file) => import(pathToFileURL(file).href) as Promise<{ program: Program }>),
  )
  return modules.map(({ program }) => program)
}

/**
 * Every example of a program, of all its commands.
 * @internal
 */
export function examplesOf({ commands }: Program): string[] {
  return Object.values(commands).flatMap(({ examples = [] }) => examples)
}

/** The page that lists the programs: what each is for, its commands, and how it is called. */
export function programPage(programs: readonly Program[]): string {
  return `---
title: Programs
description: Every program under scripts, made from the programs themselves.
order: 38
---

<!-- anchor: ops-documentation -->

Each is called by runbooks, and works by itself: \`node scripts/<program>\`. \`--help\` lists the flags of a program or of one of its commands; what
changes something takes \`--dry-run\`, but for the lab's own commands and what runs until it is ended; all of them print JSON with \`--json\`. This page is written by
\`node scripts/program-docs.ts\`; a test holds it against the programs, and tries their examples.

| Program | What it is for | Commands |
| --- | --- | --- |
${programs.map((program) => `${row(program)}\n`).join('')}
## Examples

\`\`\`sh no-run
${programs.flatMap(examplesOf).join('\n')}
\`\`\`
`
}

function row({ name, summary, commands, fallback }: Program): string {
  const all = Object.keys(commands)
  const own = all.length === 1 && fallback !== undefined ? '' : all.map((one) => `\`${one}\``).join(', ')
  const use = summary.replaceAll('|', '\\|')
  return `| \`${name.replace('node scripts/', '')}\` | ${use.charAt(0).toUpperCase()}${use.slice(1)} | ${own} |`
}
