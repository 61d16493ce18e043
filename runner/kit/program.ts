import { readArgs } from './args.ts'
import type { ParsedArgs } from './args.ts'
import type { Command, CommandResult, Program, Subprogram } from './command.ts'
import { exit } from './exit.ts'
import { systemIo } from './io.ts'
import type { Io, IoOptions } from './io.ts'
import { sayInterrupted } from './say-interrupted.ts'

/** The results of a call that a signal ends before its command has begun, or that only reads. */
const unchanged = 'Nothing was changed.'

/** Runs a program for a command line and sets the exit code; output that is still buffered drains. */
export async function runProgram(
  program: Program,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const ended = sayInterrupted(unchanged)
  try {
    process.exitCode = await runCall(program, argv, systemIo)
  } finally {
    ended()
  }
}

/**
 * Runs a program for a command line at the edges of a call, and returns the exit code.
 * @internal
 */
export async function runCall(
  program: Program,
  argv: readonly string[],
  edges: (options: IoOptions) => Io,
): Promise<number> {
  const called = subprogramOf(program, argv)
  if (called) return runCall((await called.subprogram.load()).program, called.rest, edges)
  const io = edges({
    json: argv.includes('--json'),
    quiet: argv.includes('--quiet') || argv.includes('-q'),
    noInput: argv.includes('--no-input'),
    noColor: argv.includes('--no-color'),
  })
  let asksForEvents = false
  try {
    const call = readArgs(program, argv)
    asksForEvents = call.command?.events === true
    return await dispatch(program, call, io)
  } catch (error) {
    const { printFailure } = await import('./print-failure.ts')
    return printFailure(error, program, asksForEvents ? { ...io, json: false } : io)
  }
}

/** The program under this one that a call names, with what comes after its name; `help flags` asks for its help. */
function subprogramOf(
  { programs }: Program,
  argv: readonly string[],
): { subprogram: Subprogram; rest: string[] } | undefined {
  const asksForHelp = argv[0] === 'help'
  const [name, ...rest] = asksForHelp ? argv.slice(1) : argv
  const subprogram = programs?.[1].find((one) => one.name === name)
  return subprogram && { subprogram, rest: asksForHelp ? ['help', ...rest] : rest }
}

async function dispatch(program: Program, call: ParsedArgs, io: Io): Promise<number> {
  const { command, args, options, dryRun, help, version } = call
  if (version) {
    io.out((await import('./version.ts')).version)
    return exit.done
  }
  if (!command || help) {
    const { commandHelp, programHelp } = await import('./reference/help.ts')
    io.out(
      command && command.name !== program.fallback ? commandHelp(program, command) : programHelp(program),
    )
    return help ? exit.done : exit.usage
  }
  const { run } = 'run' in command ? command : await command.load()
  // A signal that came while the body was loaded is heard before it begins.
  await nextTurn()
  const ended = sayInterrupted(dryRun ? unchanged : stateOf(command))
  try {
    return print(await run({ io, args, options, dryRun }), io)
  } catch (error) {
    // Ctrl-C ends the programs that were started too: the signal is heard before their end is told as a failure.
    await nextTurn()
    throw error
  } finally {
    ended()
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resume) => setImmediate(resume))
}

/** The state in which a signal leaves the results of a command. */
function stateOf({ interrupted, effect }: Command): string {
  if (interrupted !== undefined) return interrupted
  return { read: unchanged, write: 'Changes that were made by then stay.', serve: '' }[effect]
}

function print(result: CommandResult, io: Io): number {
  if (typeof result === 'number') return result
  const { document, text, exitCode = exit.done, hint } = result
  if (io.json) io.out(JSON.stringify(document))
  else if (text !== '') io.out(text.replace(/\n$/, ''))
  if (exitCode !== exit.done && hint !== undefined) io.say(`  hint: ${hint}`)
  return exitCode
}
