import { expect, test } from 'vitest'
import { readArgs } from './args.ts'
import { defineCommand, defineProgram, flag, many, optional, required, withDefault } from './command.ts'
import { assignment, choice, duration, filePath, integer } from './types.ts'

const bake = defineCommand({
  name: 'bake',
  summary: 'Bake a cake.',
  args: { cake: required(filePath('file')), more: optional(filePath('file')) },
  options: {
    for: withDefault(duration(), '30m', 'How long.'),
    layers: optional(integer(1, 9), 'How many layers.'),
    mode: optional(choice(['fan', 'grill']), 'How.'),
    with: many(assignment, 'What goes in.', { short: 'w' }),
    useOven: flag('With the oven.'),
  },
  effect: 'write',
  examples: [],
  run: () => Promise.resolve(0),
})
const show = defineCommand({
  name: 'cake show',
  summary: 'Show a cake.',
  args: { cakes: many(filePath('file')) },
  options: { key: required(filePath('file'), 'The key.') },
  effect: 'read',
  examples: [],
  run: () => Promise.resolve(0),
})
const program = defineProgram({ name: 'baker', summary: 'bakes.', commands: [bake, show] })

const read = (line: string) => readArgs(program, line.split(' '))
const refusal = (line: string): string => {
  try {
    read(line)
  } catch (error) {
    const { message, problem, exitCode } = error as Error & { problem: { hint: string }; exitCode: number }
    return `${exitCode} ${message} | ${problem.hint}`
  }
  return 'not refused'
}

test('arguments and options arrive as typed values, with their defaults', () => {
  expect(read('bake one.txt --layers 3 -w sugar=2=x --with egg=1 --use-oven -n')).toMatchObject({
    command: { name: 'bake' },
    args: { cake: 'one.txt', more: undefined },
    options: {
      for: 1_800_000,
      layers: 3,
      mode: undefined,
      with: [
        ['sugar', '2=x'],
        ['egg', '1'],
      ],
      useOven: true,
    },
    dryRun: true,
  })
  expect(read('cake show a b --key k')).toMatchObject({ args: { cakes: ['a', 'b'] }, dryRun: false })
})

test('an empty value of an option that need not be given is as if it were not given', () => {
  expect(read('bake x --mode= --for=').options).toMatchObject({ mode: undefined, for: 1_800_000 })
})

test.each([
  ['bkae x', '2 Unexpected command `bkae` | Did you mean `baker bake`?'],
  ['cake', '2 `baker cake` needs a command | Write `baker cake show`.'],
  ['bake x --lyaers 3', '2 Unexpected flag `--lyaers` | Did you mean `--layers`?'],
  ['bake x -z', '2 Unexpected flag `-z` | See `baker bake --help`.'],
  ['bake x --layers 10', '2 Unexpected value `10` for `--layers` | Expected an integer from 1 to 9.'],
  ['bake x --mode gril', '2 Unexpected value `gril` for `--mode` | Did you mean `grill`?'],
  ['bake x --with sugar', '2 Unexpected value `sugar` for `--with` | Expected name=value.'],
  ['bake x --mode fan --mode grill', '2 `--mode` is given twice | Give `--mode` once.'],
  ['bake x --use-oven=yes', '2 `--use-oven` takes no value | Write `--use-oven` alone.'],
  ['bake x --layers', '2 `--layers` needs a value | Write `--layers <number>`.'],
  [
    'bake x --layers --use-oven',
    '2 `--layers` needs a value | Write `--layers=--use-oven` for a value that begins with a hyphen.',
  ],
  ['bake', '2 Missing `<file>` | Write `baker bake <file> [file]`.'],
  ['bake a b c', '2 Unexpected argument `c` | Write `baker bake <file> [file]`.'],
  ['cake show a', '2 Missing `--key` | Add `--key <file>`. See `baker cake show --help`.'],
  ['cake show a --key k -n', '2 Unexpected flag `-n` | See `baker cake show --help`.'],
])('`baker %s` is refused: %s', (line, said) => {
  expect(refusal(line)).toBe(said)
})

test('--version is the version of the program, unless the command has such an option', () => {
  expect(readArgs(program, ['--version']).version).toBe(true)
  expect(refusal('bake x --version')).toContain('Unexpected flag `--version`')
})

test('help needs no argument, wherever it stands', () => {
  for (const line of ['bake --help', 'help bake', 'cake show -h']) expect(read(line).help).toBe(true)
  expect(read('cake --help')).toMatchObject({ help: true, command: undefined })
})
