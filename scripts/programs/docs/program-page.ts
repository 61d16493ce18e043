import { commandReference } from '../../../runner/kit/reference/command-reference.ts'
import { commandsOf } from '../../../runner/kit/command.ts'
import type { Program } from '../../../runner/kit/command.ts'
import { sentence } from '../../../runner/kit/reference/help.ts'
import { markdownTable } from '../../../runner/kit/table.ts'

/** The page that lists the programs, then the reference of each, made from their declarations. */
export function programPage(programs: readonly Program[]): string {
  return `${[head, table(programs), ...programs.map(reference)].join('\n\n')}\n`
}

const head = `---
title: Operations
description: "Releases, flags, incidents, traffic and the lab: every program that the runbooks call, with its flags."
order: 206
---

<!-- anchor: ops-documentation -->

Runbooks call these programs, and each works by itself. In a step, \`runbook\` is the program that runs the step.
The [flags of every command](./cli.md#flags-of-every-command) are theirs too: \`--json\` prints a document.
A command that changes something has \`--dry-run\`, except the commands of the lab and those that run until they are stopped.`

function table(programs: readonly Program[]): string {
  const rows = programs.map(({ name, summary }) => [
    `[\`${name}\`](#${name.replace(' ', '-')})`,
    sentence(summary),
  ])
  return markdownTable(['Program', 'Purpose'], rows)
}

function reference(program: Program): string {
  const commands = commandsOf(program).map((command) =>
    commandReference(
      program,
      command,
      command.name === program.fallback ? program.name : `${program.name} ${command.name}`,
      3,
    ),
  )
  return [`## ${program.name}`, sentence(program.summary), ...commands].join('\n\n')
}
