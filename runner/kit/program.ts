import { readArgs } from './args.ts'
import type { ParsedArgs } from './args.ts'
import type { CommandResult, Program, Subprogram } from './command.ts'
import { exit } from './exit.ts'
import { systemIo } from './io.ts'
import type { Io, IoOptions } from './io.ts'

/** Runs a program for a command line and sets the exit code; output that is still buffered drains. */
export async function runProgram(
  program: Program,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  process.exitCode = await runCall(program, argv, systemIo)
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
  const { interrupted } = command
  if (interrupted === undefined) return print(await run({ io, args, options, dryRun }), io)
  const { sayInterrupted } = await import('./say-interrupted.ts')
  const ended = sayInterrupted(io, () => (dryRun ? 'Nothing was changed.' : interrupted))
  try {
    return print(await run({ io, args, options, dryRun }), io)
  } catch (error) {
    // Ctrl-C ends the programs that were started too: the signal is heard before their end is told as a failure.
    await new Promise((resume) => setImmediate(resume))
    throw error
  } finally {
    ended()
  }
}

function print(result: CommandResult, io: Io): number {
  if (typeof result === 'number') return result
  const { document, text, exitCode = exit.done, hint } = result
  if (io.json) io.out(JSON.stringify(document))
  else if (text !== '') io.out(text.replace(/\n$/, ''))
  if (exitCode !== exit.done && hint !== undefined) io.say(`  hint: ${hint}`)
  return exitCode
}
