import { commandsOf } from '../../../runner/kit/command.ts'
import type { Program } from '../../../runner/kit/command.ts'
import { markdownTable } from '../../../runner/kit/table.ts'

/** The page that lists the programs: purpose, commands and examples. */
export function programPage(programs: readonly Program[]): string {
  return `---
title: Programs
description: Every program under scripts, generated from the programs.
order: 38
---

<!-- anchor: ops-documentation -->

Runbooks call these programs, and each works by itself: \`node scripts/<program>\`. \`--help\` lists the flags of a program or of one of its commands.
Programs that change something have \`--dry-run\`, except the commands of the lab and programs that run until they are stopped. All print JSON with \`--json\`.
\`node scripts/program-docs.ts\` writes this page. A test compares it with the programs and runs their examples.

${markdownTable(['Program', 'Purpose', 'Commands'], programs.map(row))}

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
