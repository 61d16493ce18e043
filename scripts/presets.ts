import { COMMON } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { PRESETS, numbersOf } from './lib/presets.ts'
import { runProgram } from './lib/program.ts'
import { required } from './lib/values.ts'

const show = command({
  summary: 'prints the numbers of one preset as name=value lines, as a step keeps them in $RUNBOOK_OUTPUT.',
  options: {
    preset: { type: 'string', value: 'NAME', help: `One of: ${Object.keys(PRESETS).join(', ')}.` },
    set: {
      type: 'string',
      multiple: true,
      value: 'NAME=VALUE',
      help: 'Numbers that differ from the preset, separated by spaces.',
    },
    only: { type: 'string', value: 'NAMES', help: 'Print these numbers alone, separated by commas.' },
    ...COMMON,
  } as const,
  examples: ['node scripts/presets.ts show --preset standard --set "max_errors=0.5% hold=10m"'],
  async run(values): Promise<Outcome> {
    const all = Object.entries(numbersOf(required(values.preset, '--preset'), values.set ?? []))
    const wanted = values.only?.split(',') ?? all.map(([name]) => name)
    const numbers = all.filter(([name]) => wanted.includes(name))
    const lines = numbers.map(([name, value]) => `${name}=${value}\n`)
    return { document: Object.fromEntries(numbers), text: lines.join('') }
  },
})

const list = command({
  summary: 'lists the presets, what each is for, and its numbers.',
  options: COMMON,
  async run(): Promise<Outcome> {
    const text = Object.entries(PRESETS).map(([name, { for: use, numbers }]) => {
      const parts = Object.entries(numbers).map(([key, value]) => `${key} ${value}`)
      return `${name.padEnd(9)} ${use}\n          ${parts.join(', ')}\n`
    })
    return { document: PRESETS, text: text.join('') }
  },
})

export const program: Program = {
  name: 'node scripts/presets.ts',
  summary: 'the numbers of a rollout: limits, stages and times, by name. Only reads.',
  commands: { list, show },
  fallback: 'list',
}

if (import.meta.main) await runProgram(program)
