import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { templates } from '../authoring/new-runbook.ts'
import { commandsOf, formOf, hasDryRun } from '../kit/command.ts'
import { commandHelp, programHelp } from '../kit/reference/help.ts'
import { runbook } from './index.ts'
import { cliReference } from './cli-reference.ts'

const commands = commandsOf(runbook)
const file = new URL('../../content/docs/cli.md', import.meta.url)

test('the page of the command line is what the commands declare; write it again with node scripts/cli-docs.ts', () => {
  expect(readFileSync(file, 'utf8')).toBe(cliReference())
})

test('every command is in the help of the program, and has help and an example of its own', () => {
  for (const command of commands) {
    expect(programHelp(runbook)).toContain(`  ${command.name} `)
    expect(commandHelp(runbook, command)).toContain(`Usage: runbook ${command.name}`)
    expect(command.examples.length).toBeGreaterThan(0)
  }
})

test('a command that changes something has --dry-run, or says why it has none', () => {
  const without = commands.filter((command) => command.effect === 'write' && !hasDryRun(command))
  for (const command of without) expect(command).toHaveProperty('noDryRun', expect.stringMatching(/\.$/))
  expect(without.map(({ name }) => name)).toEqual(['keys add', 'alerts check', 'site build'])
})

test('the templates that help and completion name are those there are', () => {
  const template = commands.find(({ name }) => name === 'new')?.args['template']
  expect(template && formOf(template).split('|').toSorted()).toEqual([...templates].toSorted())
})
