import { defineCommand, defineProgram, many, optional, required } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { choice, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { PRESETS, numbersOf } from './domain/rollout-presets.ts'

const show = defineCommand({
  name: 'show',
  summary: 'Print the numbers of one preset as name=value lines, as a step keeps them in $RUNBOOK_OUTPUT.',
  args: {},
  options: {
    preset: required(choice(Object.keys(PRESETS)), 'The preset.'),
    set: many(string('name=value'), 'Numbers that differ from the preset, separated by spaces.'),
    only: optional(string('names'), 'Print these numbers alone, separated by commas.'),
  },
  effect: 'read',
  examples: ['runbook presets show --preset standard --set "max_errors=0.5% hold=10m"'],
  async run({ options }): Promise<CommandReport> {
    const all = Object.entries(numbersOf(options.preset, options.set))
    const wanted = options.only?.split(',') ?? all.map(([name]) => name)
    const numbers = all.filter(([name]) => wanted.includes(name))
    const lines = numbers.map(([name, value]) => `${name}=${value}\n`)
    return { document: Object.fromEntries(numbers), text: lines.join('') }
  },
})

const list = defineCommand({
  name: 'list',
  summary: 'List the presets, what each is for, and its numbers.',
  args: {},
  options: {},
  effect: 'read',
  examples: [],
  async run(): Promise<CommandReport> {
    const text = Object.entries(PRESETS).map(([name, { for: use, numbers }]) => {
      const parts = Object.entries(numbers).map(([key, value]) => `${key} ${value}`)
      return `${name.padEnd(9)} ${use}\n          ${parts.join(', ')}\n`
    })
    return { document: PRESETS, text: text.join('') }
  },
})

export const program = defineProgram({
  name: 'runbook presets',
  summary: 'Print the numbers of a rollout: limits, stages and times, by name. Only reads.',
  commands: [list, show],
  fallback: 'list',
})

if (import.meta.main) await runProgram(program)
