import { readArgs } from './args.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'
import { asCalled, printable, systemIo } from './io.ts'
import type { Io } from './io.ts'
import { version } from './version.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  const io = systemIo({
    json: argv.includes('--json'),
    quiet: argv.includes('--quiet') || argv.includes('-q'),
    noInput: argv.includes('--no-input'),
    noColor: argv.includes('--no-color'),
  })
  try {
    return await dispatch(argv, io)
  } catch (error) {
    return report(error, io)
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const { command, positionals, options } = readArgs(argv)
  if (options['version'] === true) io.out(version)
  else if (!command || options['help'] === true) {
    const { commandHelp, overview } = await import('./help.ts')
    io.out(command ? commandHelp(command) : overview())
    if (!command && options['help'] !== true) return exit.usage
  } else {
    return (await command.load()).run({ io, positionals, options })
  }
  return exit.done
}

async function report(error: unknown, io: Io): Promise<number> {
  if (error instanceof CliError) {
    process.stderr.write(
      `${io.style('red', 'error:')} ${printable(error.message)}\n  hint: ${printable(asCalled(error.hint, io))}\n`,
    )
    return error.exitCode
  }
  const { describeFailure } = await import('./failure.ts')
  const { text, code } = describeFailure(error)
  process.stderr.write(asCalled(text, io).replace(/^error:/, io.style('red', 'error:')))
  return code
}
