import { asFailure, failureText, usageFailure } from './failure.ts'
import { parseFlags } from './args.ts'
import type { Outcome, Program } from './command.ts'
import { suggestion } from './suggest.ts'
import { commandHelp, programHelp } from './help.ts'

/** Runs a program for a command line. Sets the exit code (0 ok, 1 failed, 2 usage) and lets the output drain. */
export async function runProgram(
  program: Program,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  ignoreClosedPipe(process.stdout)
  ignoreClosedPipe(process.stderr)
  const json = argv.includes('--json')
  try {
    const outcome = await runCommand(program, argv)
    if (outcome === undefined) return
    process.stdout.write(json ? `${JSON.stringify(outcome.document)}\n` : outcome.text)
    if (outcome.exitCode === 1 && outcome.remedy !== undefined)
      process.stderr.write(`  fix: ${outcome.remedy}\n`)
    process.exitCode = outcome.exitCode ?? 0
  } catch (error) {
    const failure = asFailure(error)
    if (json)
      process.stdout.write(
        `${JSON.stringify({ ok: false, error: failure.message, why: failure.why, remedy: failure.remedy })}\n`,
      )
    process.stderr.write(failureText(failure))
    process.exitCode = failure.exitCode
  }
}

async function runCommand(program: Program, argv: readonly string[]): Promise<Outcome | undefined> {
  const first = argv[0]
  const named = first !== undefined && !first.startsWith('-')
  const name =
    named && (program.fallback === undefined || Object.keys(program.commands).length > 1)
      ? first
      : program.fallback
  if (name === undefined) return withoutCommand(program, argv)
  const chosen = program.commands[name]
  if (chosen === undefined || !Object.hasOwn(program.commands, name)) {
    throw usageFailure(
      `Unknown command "${name}".`,
      `${program.name} has no such command.`,
      suggestion(name, Object.keys(program.commands)),
    )
  }
  const rest = named && name === first ? argv.slice(1) : argv
  const { values, positionals } = parseFlags(rest, chosen.options, chosen.positionals)
  if (!values['help']) return await chosen.run(values, positionals)
  process.stdout.write(name === program.fallback ? programHelp(program) : commandHelp(program, name))
  return undefined
}

function withoutCommand(program: Program, argv: readonly string[]): undefined {
  const first = argv[0]
  if (first === '--help') {
    process.stdout.write(programHelp(program))
    return undefined
  }
  if (first !== undefined)
    throw usageFailure(
      `Unexpected flag ${first}.`,
      'A command comes first.',
      `Use one of: ${Object.keys(program.commands).join(', ')}.`,
    )
  throw usageFailure(
    'No command is given.',
    `${program.name} needs one.`,
    `Use one of: ${Object.keys(program.commands).join(', ')}.`,
  )
}

// A reader that left (`| head`) is no failure of ours.
function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
