import { commandsOf } from '../../runner/kit/command.ts'
import type { Program } from '../../runner/kit/command.ts'
import { markdownTable } from '../../runner/kit/table.ts'

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

${markdownTable(['Program', 'What it is for', 'Commands'], programs.map(row))}

## Examples

\`\`\`sh no-run
${programs.flatMap(({ examples }) => examples).join('\n')}
\`\`\`
`
}

function row(program: Program): string[] {
  const { name, summary, fallback } = program
  const commands = commandsOf(program)
  const own = commands.length === 1 && fallback !== undefined ? [] : commands
  return [
    `\`${name.replace('node scripts/', '')}\``,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}`,
    own.map((command) => `\`${command.name}\``).join(', '),
  ]
}
